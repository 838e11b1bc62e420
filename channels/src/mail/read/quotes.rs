//! Leaving out what an answer repeats of earlier mails, and the signature.

/// The verbs of a line such as `On 1 May 2026 at 12:00, Acme <…> wrote:`.
const WROTE: [&str; 20] = [
    "wrote",
    "writes",
    "schrieb",
    "a écrit",
    "écrit",
    "escribió",
    "ha scritto",
    "schreef",
    "escreveu",
    "napisał",
    "написал",
    "пишет",
    "skrev",
    "kirjoitti",
    "napsal",
    "yazdı",
    "írta",
    "έγραψε",
    "写道",
    "書きました",
];
/// Names of the first field of a header block, in the languages of common mail programs.
const FROM: [&str; 14] =
    ["from", "von", "de", "van", "da", "od", "от", "fra", "från", "lähettäjä", "kimden", "feladó", "发件人", "差出人"];
/// Names of the fields after it.
const FIELDS: [&str; 42] = [
    "sent",
    "date",
    "to",
    "cc",
    "subject",
    "gesendet",
    "datum",
    "an",
    "betreff",
    "envoyé",
    "à",
    "objet",
    "enviado",
    "fecha",
    "para",
    "asunto",
    "assunto",
    "data",
    "inviato",
    "a",
    "oggetto",
    "verzonden",
    "aan",
    "onderwerp",
    "wysłano",
    "do",
    "temat",
    "отправлено",
    "дата",
    "кому",
    "тема",
    "sendt",
    "til",
    "emne",
    "skickat",
    "till",
    "ämne",
    "发送时间",
    "收件人",
    "主题",
    "宛先",
    "件名",
];
/// An attribution is wrapped over this many lines at most.
const WRAPPED: usize = 4;
/// Fields of a header block stand within this many lines.
const BLOCK: usize = 7;

/// What is left of a text.
pub(super) fn strip(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        if is_end(&lines[at..]) {
            break;
        }
        if let Some(length) = attribution(&lines[at..]) {
            // After `>` the writer may go on below; without it, the rest is the mail that was answered.
            let next = lines[at + length..].iter().find(|line| !line.trim().is_empty());
            if !next.is_some_and(|line| is_quoted(line)) {
                break;
            }
            at += length;
        } else {
            if !is_quoted(line) {
                kept.push(line.trim_end());
            }
            at += 1;
        }
    }
    squeeze(&kept)
}

/// From here on nothing is the writer's own: the signature, `-----Original Message-----`, a header block.
fn is_end(lines: &[&str]) -> bool {
    let Some(line) = lines.first() else { return false };
    let bare = line.trim();
    let delimiter = *line == "-- " || *line == "--";
    let ruled = bare.starts_with("----") && bare.ends_with("----") && bare.chars().any(char::is_alphabetic);
    let underlined = bare.len() >= 20 && bare.chars().all(|c| c == '_') && {
        let rest = lines.iter().position(|line| !line.trim().is_empty() && !line.trim().starts_with('_'));
        rest.is_some_and(|rest| is_header_block(&lines[rest..]))
    };
    delimiter || ruled || underlined || is_header_block(lines)
}

/// How Outlook begins the mail that it answers: `From:`, `Sent:`, `To:`, `Subject:` on lines of their own.
fn is_header_block(lines: &[&str]) -> bool {
    let first = lines.first().and_then(|line| field(line));
    first.is_some_and(|name| FROM.contains(&name.as_str()))
        && lines
            .iter()
            .take(BLOCK)
            .skip(1)
            .filter_map(|line| field(line))
            .filter(|name| FIELDS.contains(&name.as_str()))
            .count()
            >= 2
}

/// The name before a colon, without the stars of bold text.
fn field(line: &str) -> Option<String> {
    let (name, _) = line.split_once([':', '：'])?;
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '*');
    (!name.is_empty() && name.len() <= 30).then(|| name.to_lowercase())
}

/// The number of lines of an attribution: it ends with a colon, names a moment or an address, and somebody wrote.
fn attribution(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim();
    if first.is_empty() || is_quoted(first) {
        return None;
    }
    let mut whole = String::new();
    for (index, line) in lines.iter().take(WRAPPED).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.len() > 400 {
            return None;
        }
        whole.push_str(line);
        whole.push(' ');
        if line.ends_with([':', '：']) {
            let lower = whole.to_lowercase();
            let digits = lower.chars().filter(char::is_ascii_digit).count();
            // Some programs leave the verb out, and then only what follows tells.
            let next = lines[index + 1..].iter().find(|line| !line.trim().is_empty());
            let told = WROTE.iter().any(|verb| lower.contains(verb))
                || (lower.contains('@') && next.is_some_and(|line| is_quoted(line)));
            let dated = digits >= 5 || (lower.contains('@') && digits >= 1) || lower.contains("<mailto:");
            return (dated && told).then_some(index + 1);
        }
    }
    None
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// At most one blank line at a time, none at the ends.
fn squeeze(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        if !(line.is_empty() && (text.is_empty() || text.ends_with("\n\n"))) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.trim_end().to_owned()
}
