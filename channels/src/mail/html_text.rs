//! The text part of an HTML mail. Not a browser: it knows the handful of tags that matter to someone who reads text.

/// Tags that begin and end a line of their own.
const BLOCKS: [&str; 20] = [
    "address",
    "article",
    "blockquote",
    "div",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "section",
    "table",
    "tr",
    "ul",
    "ol",
];
/// Elements whose content nobody sees.
const HIDDEN: [&str; 4] = ["head", "script", "style", "title"];

/// The entities of U+00A0 to U+00FF, in their order: mail programs of western Europe write them.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute \
    micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave \
    Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml \
    Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth \
    ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// Turns HTML into text: paragraphs, lines, list items, `text (address)` for links, entities.
pub(super) fn convert(html: &str) -> String {
    let mut text = Text::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.words(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some(tag) = Tag::parse(rest) {
            rest = &rest[tag.length..];
            if HIDDEN.contains(&tag.name.as_str()) && !tag.closing {
                rest = after_element(rest, &tag.name);
            } else {
                text.tag(&tag);
            }
        } else {
            text.words("<");
            rest = &rest[1..];
        }
    }
    text.words(rest);
    text.output.trim().to_owned()
}

/// What follows `</name>`.
fn after_element<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, end)) = rest.split_once("</") {
        if end.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return end.split_once('>').map_or("", |(_, after)| after);
        }
        rest = end;
    }
    ""
}

#[derive(Default)]
struct Text {
    output: String,
    /// A space is due before the next word.
    space: bool,
    /// The address of the open link, and where its text began.
    link: Option<(String, usize)>,
}

impl Text {
    fn words(&mut self, source: &str) {
        for character in decode(source).chars() {
            if character.is_whitespace() && character != '\u{a0}' {
                self.space = true;
                continue;
            }
            if std::mem::take(&mut self.space) && !self.output.is_empty() && !self.output.ends_with('\n') {
                self.output.push(' ');
            }
            self.output.push(if character == '\u{a0}' { ' ' } else { character });
        }
    }

    fn tag(&mut self, tag: &Tag) {
        match (tag.name.as_str(), tag.closing) {
            ("br", _) => self.line(),
            ("p", _) => self.blank_line(),
            ("li", false) => {
                self.new_line();
                self.output.push_str("- ");
            }
            ("li", true) => self.new_line(),
            ("td" | "th", _) => self.space = true,
            ("img", _) => self.words(&format!(" {} ", tag.attribute("alt").unwrap_or_default())),
            ("a", false) => self.link = tag.attribute("href").map(|address| (decode(address), self.output.len())),
            ("a", true) => self.end_link(),
            (name, _) if BLOCKS.contains(&name) => self.new_line(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((address, start)) = self.link.take() else { return };
        let address = address.trim();
        let seen = self.output.get(start..).unwrap_or_default().trim();
        let same = seen == address || address.strip_prefix("mailto:").is_some_and(|mailbox| mailbox == seen);
        if !same && !address.is_empty() && !address.starts_with('#') {
            let addition = if seen.is_empty() { address.to_owned() } else { format!(" ({address})") };
            self.output.push_str(&addition);
        }
    }

    fn line(&mut self) {
        self.space = false;
        self.output.push('\n');
    }

    fn new_line(&mut self) {
        self.space = false;
        if !self.output.is_empty() && !self.output.ends_with('\n') {
            self.output.push('\n');
        }
    }

    fn blank_line(&mut self) {
        self.new_line();
        if !self.output.is_empty() && !self.output.ends_with("\n\n") {
            self.output.push('\n');
        }
    }
}

struct Tag<'a> {
    name: String,
    closing: bool,
    attributes: &'a str,
    /// Bytes from `<` to `>`.
    length: usize,
}

impl<'a> Tag<'a> {
    /// The tag that `html` begins with; a `>` within quotes does not end it. One that never ends takes the rest, as in a
    /// browser: so every character is looked at once, whatever the HTML.
    fn parse(html: &'a str) -> Option<Self> {
        let inside = html.strip_prefix('<')?;
        let closing = inside.starts_with('/');
        let named = inside.strip_prefix('/').unwrap_or(inside);
        if !named.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            return None;
        }
        let mut quote = None;
        let end = named.find(|c: char| {
            match quote {
                Some(open) if c == open => quote = None,
                None if c == '"' || c == '\'' => quote = Some(c),
                None if c == '>' => return true,
                _ => {}
            }
            false
        });
        let content = &named[..end.unwrap_or(named.len())];
        let name_end = content.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(content.len());
        Some(Self {
            name: content[..name_end].to_ascii_lowercase(),
            closing,
            attributes: &content[name_end..],
            length: end.map_or(html.len(), |end| html.len() - named.len() + end + 1),
        })
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_whitespace() || c == '=')?;
            let (found, after) = rest.split_at(end);
            let Some(value) = after.trim_start().strip_prefix('=') else {
                rest = after;
                continue;
            };
            let value = value.trim_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split_once(quote)?,
                _ => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = after;
        }
    }
}

/// Entities that mails use, and numeric ones. Others stay as they are.
fn decode(source: &str) -> String {
    let mut output = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('&') {
        output.push_str(&rest[..at]);
        rest = &rest[at..];
        // No name is longer than this, and each one is ASCII.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((character, end)) => {
                output.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                output.push('&');
                rest = &rest[1..];
            }
        }
    }
    output.push_str(rest);
    output
}

fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    if let Some(number) = number {
        return char::from_u32(number).filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "euro" => '€',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "bull" => '•',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => {
            let place = LATIN.split_whitespace().position(|known| known == name)?;
            return char::from_u32(0xa0 + u32::try_from(place).ok()?);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::convert;

    #[test]
    fn reads_like_a_text() {
        let html = "<html><head><title>T</title><style>p{}</style></head><body><h1>Hello  Ada</h1>\n<p>You owe\n \
                    120&nbsp;&euro;&#33;<br/>Pay <a class=x href=\"https://pay.example/?a=1&amp;b=2\">here</a>.</p>\
                    <ul><li>one<li>two</ul><!-- no --><p>a &lt; b &unknown; 1 < 2</p><img src=x alt='Logo'></body>";
        assert_eq!(
            convert(html),
            "Hello Ada\n\nYou owe 120 €!\nPay here (https://pay.example/?a=1&b=2).\n\n- one\n- two\n\n\
             a < b &unknown; 1 < 2\n\nLogo"
        );
    }

    #[test]
    fn a_link_that_shows_its_address_shows_it_once() {
        assert_eq!(convert("<a href='https://x.example'>https://x.example</a>"), "https://x.example");
        assert_eq!(convert("<a href=mailto:a@x.example>a@x.example</a> <a href=\"#top\">up</a>"), "a@x.example up");
        assert_eq!(convert("<a href=\"https://x.example\"><img src=y></a>"), "https://x.example");
    }

    #[test]
    fn hidden_elements_are_skipped_to_their_end() {
        assert_eq!(convert("a<script>if (1</2) x()</p></SCRIPT >b<style>c"), "ab");
        assert_eq!(convert("a <b title='x>y'>b</b> <c"), "a b");
    }

    #[test]
    fn broken_html_is_survived() {
        for html in
            ["<", "<p", "<a href=", "<a href=\"x>y", "&", "&#;", "&#x110000;", "<script>", "</", "<!--", "é&é;é<é>"]
        {
            let _ = convert(html);
            // Half a million characters in no time, or this test takes hours.
            let _ = convert(&html.repeat(100_000));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(html in "[<>a-z&;#\"'= /é!-]{0,60}") {
            let _ = convert(&html);
        }
    }
}
