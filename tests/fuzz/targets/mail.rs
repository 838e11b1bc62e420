//! Mails, which anybody may send: whatever one says, it is read to the same events each time, and nothing in them breaks out of a header or
//! outgrows its place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stratagem_channels::{Event, read_mail};

fuzz_target!(|data: &[u8]| {
    let events = read_mail(data, None);
    assert_eq!(read_mail(data, None), events);
    for event in events {
        match event {
            Event::Message(message) => {
                assert!(!message.id.is_empty() && !message.text.contains('\r'));
                assert!(message.answers.len() <= 150, "{} answers", message.answers.len());
                message.from.iter().chain(&message.answers).for_each(|name| assert_fits(name));
            }
            Event::Status(report) => {
                assert!(!report.of.is_empty());
                report.of.iter().for_each(|name| assert_fits(name));
                report.suppress.iter().for_each(|whom| assert_fits(&whom.address));
            }
            Event::Blocked { address, .. } => assert_fits(&address),
            Event::Linked(link) => panic!("no mail is a link: {link:?}"),
        }
    }
});

/// A name or an address that may go into a header or a query.
fn assert_fits(name: &str) {
    assert!(!name.is_empty() && name.len() <= 1_000 && !name.chars().any(char::is_control), "{name:?}");
}
