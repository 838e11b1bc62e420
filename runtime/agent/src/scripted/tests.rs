//! Conversations with a script, and what is wrong with scripts.

use proptest::prelude::*;
use serde_json::json;
use stratagem_domain::agent::{AgentKind, AgentState, Utterance};

use super::*;

const RULES: &str = r#"
greeting = "Hello {name}! When will you pay?"
fallback = "Sorry, {name}, I did not get that."

[[rule]]
state = "asking"
when = ["promise to pay", "will pay"]
say = "Thank you. On which day?"
goto = "promised"

[[rule]]
state = ["promised"]
pattern = '(?i)\bon (?<Day>monday|friday)\b'
say = "Until {params.hour|noon}, then."
end = true
results = { OutcomeStatus = "PROMISE" }

[[rule]]
when = "a person"
hand_over = "asked for a person"

[[rule]]
state = "promised"
say = "Which day, please?"
"#;

fn spec(rules: &str) -> AgentSpec {
    let state = |name: &str, transitions: Option<Vec<String>>| AgentState {
        name: name.to_owned(),
        instructions: String::new(),
        transitions,
    };
    AgentSpec {
        name: "Iris".to_owned(),
        kind: AgentKind::Scripted,
        instructions: String::new(),
        rules: rules.to_owned(),
        states: vec![state("asking", None), state("promised", Some(vec![]))],
        result_schema: Some(json!({
            "type": "object",
            "properties": { "OutcomeStatus": { "enum": ["PROMISE"] }, "Day": { "maxLength": 6 } },
            "required": ["OutcomeStatus"],
        })),
    }
}

fn turn(state: &str, said: &[(Role, &str)]) -> Turn {
    Turn {
        messages: said
            .iter()
            .map(|(role, content)| Utterance { role: *role, content: (*content).to_owned() })
            .collect(),
        state: Some(state.to_owned()),
        context: json!({ "name": "Ann" }).as_object().unwrap().clone(),
        spoken: false,
    }
}

fn act(state: &str, said: &[(Role, &str)]) -> Act {
    Scripted::new(Limits::default()).act(&spec(RULES), &turn(state, said)).unwrap()
}

#[test]
fn a_conversation_follows_the_rules() {
    use Role::{Ai, Human};
    assert!(check(&spec(RULES)).is_empty());
    assert_eq!(act("asking", &[]).say.as_deref(), Some("Hello Ann! When will you pay?"));

    let lost = act("asking", &[(Ai, "Hello"), (Human, "on Friday")]);
    assert_eq!((lost.say.as_deref(), lost.state), (Some("Sorry, Ann, I did not get that."), None));

    let moved =
        act("asking", &[(Human, "I WILL"), (Human, "pay, sure!"), (Ai, "x"), (Human, "I will"), (Human, "pay.")]);
    assert_eq!((moved.say.as_deref(), moved.state.as_deref()), (Some("Thank you. On which day?"), Some("promised")));

    assert_eq!(act("promised", &[(Human, "well")]).say.as_deref(), Some("Which day, please?"));
    let ended = act("promised", &[(Human, "On FRIDAY, {name}")]);
    assert_eq!(ended.say.as_deref(), Some("Until noon, then."));
    assert_eq!(Value::from(ended.end.unwrap()), json!({ "OutcomeStatus": "PROMISE", "Day": "FRIDAY" }));

    let handed = act("promised", &[(Human, "A person, please!")]);
    assert_eq!((handed.say, handed.hand_over.as_deref()), (None, Some("asked for a person")));
}

#[test]
fn what_a_contact_lacks_or_breaks_ends_its_session_alone() {
    let mut nameless = turn("asking", &[]);
    nameless.context.clear();
    let scripted = Scripted::new(Limits::default());
    let error = scripted.act(&spec(RULES), &nameless).unwrap_err();
    assert!(matches!(&error, AgentError::Invalid { reason } if reason.contains("{name}")), "{error:?}");

    let open = RULES.replace("(?<Day>monday|friday)", "(?<Day>.+)");
    let long = turn("promised", &[(Role::Human, "on the day of days")]);
    let error = scripted.act(&spec(&open), &long).unwrap_err();
    assert!(matches!(&error, AgentError::Invalid { reason } if reason.contains("Day")), "{error:?}");
}

#[test]
fn every_fault_names_its_line() {
    let rule = |lines: &str| format!("greeting = \"Hello\"\nfallback = \"What?\"\n[[rule]]\n{lines}\n");
    let table = [
        ("greeting = \"Hello\"".to_owned(), "line 1: missing field `fallback`"),
        ("greeting = \"Hello\"\nfallback = \"\"".to_owned(), "line 2: must not be empty"),
        ("greeting = \"Hello {\"\nfallback = \"x\"".to_owned(), "line 1: a single"),
        (rule("say = "), "line 4: "),
        (rule("says = \"x\""), "line 4: unknown field `says`"),
        (rule("say = \"x\"\nwhen = 3"), "line 5: must be a text or a list"),
        (rule("say = \"x\"\nwhen = [\"a\", \"?!\"]"), "line 5: a phrase"),
        (rule("say = \"x\"\npattern = '(a)\\1'"), "line 5: is no pattern: error: backreferences"),
        (rule("say = \"x\"\npattern = '(\\w{99}){99}'"), "line 5: is no pattern"),
        (rule("say = \"x\"\nstate = \"gone\""), "line 5: there is no state `gone`"),
        (rule("say = \"x\"\ngoto = \"gone\""), "line 5: there is no state `gone`"),
        (rule("say = \"x\"\ngoto = \"asking\""), "line 5: `asking` may not follow `promised`"),
        (rule("when = \"x\""), "line 3: a rule needs a `say`"),
        (rule("end = true\nhand_over = \"x\"\nresults = { OutcomeStatus = \"PROMISE\" }"), "line 3: a rule either"),
        (rule("say = \"x\"\nresults = { OutcomeStatus = \"PROMISE\" }"), "line 5: results"),
        (rule("say = \"x\"\npattern = '(?<Day>.)'"), "line 3: results"),
        (rule("end = true"), "line 3: results: \"OutcomeStatus\" is a required property"),
        (rule("end = true\nresults = { OutcomeStatus = \"PAID\" }"), "line 5: results.OutcomeStatus"),
        (String::new(), "are required"),
    ];
    for (rules, expected) in table {
        let faults = check(&spec(&rules));
        assert_eq!(faults.len(), 1, "{rules}: {faults:?}");
        assert!(faults[0].starts_with(expected), "{rules}: {faults:?}");
    }
}

proptest! {
    /// Whatever is written as rules or by a contact, nothing panics, and rules that passed the check are never misconfigured.
    #[test]
    fn rules_that_pass_the_check_act(
        lines in prop::collection::vec(prop_oneof![
            Just("[[rule]]"), Just("say = 'x {name}'"), Just("when = 'a'"), Just("pattern = '(?<Day>a+)'"), Just("end = true"),
            Just("goto = 'promised'"), Just("state = 'asking'"), Just("results = { OutcomeStatus = 'PROMISE' }"), Just("hand_over = ''"),
        ], 0..12),
        heard in "[a. ]{0,9}",
        state in prop_oneof![Just("asking"), Just("promised"), Just("gone")],
    ) {
        let spec = spec(&format!("greeting = 'Hello'\nfallback = 'What?'\n{}", lines.join("\n")));
        let acted = Scripted::new(Limits::default()).act(&spec, &turn(state, &[(Role::Human, &heard)]));
        if check(&spec).is_empty() {
            prop_assert!(!matches!(acted, Err(AgentError::Misconfigured { .. })), "{acted:?}");
        }
    }
}
