use super::{Send, Verdict};

/// A strategy that plans for ever must end: beyond `max_communications` a stage sends nothing more to the same contact.
pub(super) fn rule(send: &Send<'_>) -> Verdict {
    if send.earlier_communications < send.max_communications {
        return Verdict::Allow;
    }
    Verdict::Deny {
        reason: format!(
            "the contact has had {} communications from stage `{}`, which allows {} (max_communications)",
            send.earlier_communications, send.stage_name, send.max_communications
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_allowed_one_goes_and_the_next_does_not() {
        let send = |earlier| Send { earlier_communications: earlier, ..Send::example() };
        assert_eq!(rule(&send(2)), Verdict::Allow);
        assert!(matches!(rule(&send(3)), Verdict::Deny { reason } if reason.contains("max_communications")));
    }
}
