//! Reading TwiML, strictly: verbs, nouns and attributes that are not known are errors.

use std::collections::BTreeMap;

use quick_xml::{Reader, events::Event};

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// Which attributes each element may have.
const KNOWN: [(&str, &[&str]); 9] = [
    ("Response", &[]),
    ("Say", &["language", "voice", "loop"]),
    (
        "Gather",
        &[
            "input",
            "action",
            "method",
            "timeout",
            "speechTimeout",
            "actionOnEmptyResult",
            "language",
            "finishOnKey",
            "numDigits",
        ],
    ),
    ("Pause", &["length"]),
    ("Redirect", &["method"]),
    ("Hangup", &[]),
    ("Connect", &["action", "method"]),
    ("ConversationRelay", &["url", "welcomeGreeting", "dtmfDetection", "events", "interruptible", "language", "voice"]),
    ("Parameter", &["name", "value"]),
];

/// The verbs of a document.
pub(super) fn read(document: &str) -> Result<Vec<Element>, String> {
    let mut reader = Reader::from_str(document);
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| format!("12100 document parse failure: {error}"))?;
        let last = open.len() - 1;
        match event {
            Event::Start(start) => open.push(element(&start)?),
            Event::Empty(start) => open[last].children.push(element(&start)?),
            Event::Text(text) => open[last].text.push_str(&text.decode().map_err(|error| error.to_string())?),
            Event::GeneralRef(reference) => {
                let name = reference.decode().map_err(|error| error.to_string())?;
                let text =
                    quick_xml::escape::unescape(&format!("&{name};")).map_err(|error| error.to_string())?.into_owned();
                open[last].text.push_str(&text);
            }
            Event::End(_) => {
                let done = open.pop().ok_or("12100 more ends than beginnings")?;
                open.last_mut().ok_or("12100 more ends than beginnings")?.children.push(done);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut roots = open.pop().unwrap_or_default().children;
    match roots.pop() {
        Some(root) if root.name == "Response" && roots.is_empty() => Ok(root.children),
        _ => Err("12102 the document element is not Response".to_owned()),
    }
}

fn element(start: &quick_xml::events::BytesStart<'_>) -> Result<Element, String> {
    let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
    let (_, known) =
        KNOWN.iter().find(|(known, _)| *known == name).ok_or_else(|| format!("12200 there is no <{name}>"))?;
    let mut attributes = BTreeMap::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("12100 document parse failure: {error}"))?;
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        if !known.contains(&key.as_str()) {
            return Err(format!("12200 <{name}> has no {key}"));
        }
        let raw = std::str::from_utf8(&attribute.value).map_err(|error| error.to_string())?;
        attributes.insert(key, quick_xml::escape::unescape(raw).map_err(|error| error.to_string())?.into_owned());
    }
    Ok(Element { name, attributes, ..Element::default() })
}
