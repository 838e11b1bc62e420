//! The two forms of a body.

use minijinja::Value;

use super::html_text;
use crate::template::{Format, Templates, escape_html};

/// What a reader of either kind sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) text: String,
    pub(crate) html: String,
}

/// Renders a body template.
///
/// # Errors
/// The template does not fit the contact.
pub(super) fn render(templates: &Templates, source: &str, scope: &Value) -> Result<Body, String> {
    // Decided by the template alone: a contact whose name contains a tag must not turn a text into HTML.
    if has_tag(source) {
        let html = clean(&templates.render("body", source, Format::Html, scope)?);
        Ok(Body { text: html_text::convert(&html), html: document(&html) })
    } else {
        Ok(of_text(&templates.render("body", source, Format::Text, scope)?))
    }
}

/// A text as it is; blank lines separate paragraphs.
pub(super) fn of_text(text: &str) -> Body {
    let text = clean(text);
    let html = document(&paragraphs(&text));
    Body { text, html }
}

/// Whether there is a tag outside of the template's own braces.
fn has_tag(source: &str) -> bool {
    // Beyond the last `>` no tag can end.
    let mut rest = &source[..source.rfind('>').map_or(0, |at| at + 1)];
    while let Some(at) = rest.find(['<', '{']) {
        let (here, after) = (&rest[at..], &rest[at + 1..]);
        let closing = match after.as_bytes().first() {
            Some(b'{') if here.starts_with('{') => "}}",
            Some(b'%') if here.starts_with('{') => "%}",
            Some(b'#') if here.starts_with('{') => "#}",
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'!') if here.starts_with('<') && after.contains('>') => {
                return true;
            }
            _ => {
                rest = after;
                continue;
            }
        };
        rest = after.split_once(closing).map_or("", |(_, after)| after);
    }
    false
}

/// Line breaks become `\n`; other control characters have no place in a mail.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

fn paragraphs(text: &str) -> String {
    let escaped = escape_html(text);
    let paragraphs = escaped.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", paragraph.replace('\n', "<br>\n"))).collect()
}

/// A whole document stays as its author wrote it.
fn document(html: &str) -> String {
    if html.to_ascii_lowercase().contains("<html") {
        return html.to_owned();
    }
    format!("<!doctype html>\n<html><head><meta charset=\"utf-8\"></head><body>\n{}\n</body></html>\n", html.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_makes_html_wherever_the_template_has_one() {
        for html in ["<p>x</p>", "a<br>b", "x </b> y", "{{ a }}<br/>", "<!doctype html>", "{ <i>x</i>"] {
            assert!(has_tag(html), "{html}");
        }
        for text in
            ["x", "a < b > c", "{{ \"<b>\" }}", "{% if a <b and c> d %}x{% endif %}", "{# <b> #}", "1 <2>", "<b"]
        {
            assert!(!has_tag(text), "{text}");
        }
    }

    #[test]
    fn a_text_becomes_paragraphs_and_nothing_in_it_becomes_html() {
        let scope = Value::from_pairs([("name", "<b>\u{0}Ada & Co</b>")]);
        let body = render(&Templates::new(), "Dear {{ name }},\r\nhello.\r\n\r\nBye", &scope).unwrap();
        assert_eq!(body.text, "Dear <b>Ada & Co</b>,\nhello.\n\nBye");
        assert!(
            body.html.contains("<p>Dear &lt;b&gt;Ada &amp; Co&lt;/b&gt;,<br>\nhello.</p>\n<p>Bye</p>"),
            "{}",
            body.html
        );
    }

    #[test]
    fn html_is_escaped_and_gets_a_text_beside_it() {
        let scope = Value::from_pairs([("name", "<script>alert(1)</script>")]);
        let body = render(&Templates::new(), "<p>Dear {{ name }}", &scope).unwrap();
        assert!(!body.html.contains("<script>"), "{}", body.html);
        assert_eq!(body.text, "Dear <script>alert(1)</script>");
    }
}
