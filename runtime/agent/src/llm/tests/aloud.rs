//! Turns whose words are said while the model writes them.

use stratagem_providers::llm::Beat;
use tokio::sync::mpsc;

use super::*;

fn says(text: &str) -> Beat {
    Beat::Says(text.to_owned())
}

fn calls(tool: &str, arguments: &Value) -> Beat {
    Beat::Calls(tool.to_owned(), arguments.to_string())
}

/// A turn that is made aloud, and what comes of it meanwhile.
fn speak(server: &Server) -> (tokio::task::JoinHandle<Result<Act, AgentError>>, mpsc::Receiver<String>) {
    let (aloud, pieces) = Aloud::new();
    let hasty = integration(&server.base_url(), &json!({ "timeout_s": 20 }));
    let turn = Turn { spoken: true, ..turn("Friday.") };
    (tokio::spawn(async move { agent().act(&spec(), Some(&hasty), &turn, Some(&aloud)).await }), pieces)
}

/// The whole of such a turn: its pieces, and its act.
async fn spoken(server: &Server) -> (Vec<String>, Result<Act, AgentError>) {
    let (turn, mut pieces) = speak(server);
    let mut said = Vec::new();
    while let Some(piece) = pieces.recv().await {
        said.push(piece);
    }
    (said, turn.await.unwrap())
}

#[tokio::test]
async fn a_sentence_is_said_before_the_model_has_written_the_next() {
    let server = Server::start().await;
    server.reply(Reply::Paced(vec![says("Thank you. O"), Beat::Waits, says("n which day? Please")]));
    let (turn, mut pieces) = speak(&server);
    assert_eq!(pieces.recv().await.as_deref(), Some("Thank you."));
    server.go_on();
    assert_eq!(pieces.recv().await.as_deref(), Some(" On which day?"));
    let act = turn.await.unwrap().unwrap();
    assert_eq!((pieces.recv().await, act.say.as_deref()), (None, Some("Thank you. On which day? Please")));
    assert_eq!(act.usage, Usage { requests: 1, prompt_tokens: 100, completion_tokens: 10, cost_micros: 150 });
    assert_eq!(server.asked()[0]["stream_options"], json!({ "include_usage": true }));
}

#[tokio::test]
async fn tools_of_a_stream_act_at_its_end() {
    let server = Server::start().await;
    let ends = json!({ "results": { "OutcomeStatus": "PROMISE" } });
    server.reply(Reply::Paced(vec![
        says("Noted, thank you. Bye!"),
        calls("set_state", &json!({ "name": "promised" })),
        calls("end_session", &ends),
    ]));
    let (said, act) = spoken(&server).await;
    let act = act.unwrap();
    assert_eq!(said, ["Noted, thank you."]);
    assert_eq!((act.say.as_deref(), act.state.as_deref()), (Some("Noted, thank you. Bye!"), Some("promised")));
    assert_eq!(act.end, Some(results("PROMISE")));
}

#[tokio::test]
async fn what_was_said_stays_said_and_is_gone_on_from() {
    let broken_tool = vec![says("Noted. "), Beat::Calls("end_session".to_owned(), "{\"results\": {".to_owned())];
    let faults = [
        (vec![says("Noted. And"), Beat::Breaks], "connection broke"),
        (vec![says("Noted. And"), Beat::Line("{".to_owned())], "connection broke"),
        (
            vec![says("Noted. And"), Beat::Line(json!({ "error": { "message": "overloaded" } }).to_string())],
            "connection broke",
        ),
        (broken_tool, "no JSON object"),
    ];
    for (fault, word) in faults {
        let server = Server::start().await;
        let again = || Reply::Paced(fault.clone());
        let ends = calls("end_session", &json!({ "OutcomeStatus": "PROMISE" }));
        server.reply(again());
        server.reply(Reply::Paced(vec![says("Goodbye!"), ends]));
        let (said, act) = spoken(&server).await;
        let act = act.unwrap();
        assert_eq!((said, act.say.as_deref()), (vec!["Noted.".to_owned()], Some("Noted. Goodbye!")), "{word}");
        assert_eq!((act.end, act.usage.requests), (Some(results("PROMISE")), 2));
        let second = &server.asked()[1]["messages"];
        let prompt = second[0]["content"].as_str().unwrap();
        assert!(prompt.contains("Go on from there") && prompt.contains(word), "{word} in {prompt}");
        assert!(!prompt.contains("Noted"), "what a model wrote gets into no system prompt");
        let told: Vec<&Value> = second.as_array().unwrap().iter().rev().take(2).collect();
        assert_eq!((&told[1]["role"], &told[1]["content"]), (&json!("assistant"), &json!("Noted.")));
        assert_eq!(told[0]["role"], "user");

        // A second time, the turn comes to what was said, or to nothing where a tool is still wrong.
        server.reply(again());
        server.reply(again());
        let (said, act) = spoken(&server).await;
        match act {
            Ok(act) => assert_eq!(
                (said.concat(), act.say, act.end),
                ("Noted. Noted.".to_owned(), Some("Noted. Noted.".to_owned()), None)
            ),
            Err(error) => assert!(word == "no JSON object" && name(&error) == "invalid", "{error:?}"),
        }
    }
}

#[tokio::test]
async fn before_the_first_words_a_stream_fails_as_any_answer_does() {
    let server = Server::start().await;
    for fault in [Beat::Breaks, Beat::Line("{}{".to_owned()), Beat::Line(json!({ "error": "overloaded" }).to_string())]
    {
        server.reply(Reply::Paced(vec![says("Not a whole sentence"), fault.clone()]));
        let (said, act) = spoken(&server).await;
        assert_eq!((said.len(), name(&act.unwrap_err())), (0, "retry".to_owned()), "{fault:?}");
    }
    let filtered = json!({ "error": { "code": "content_filter", "message": "no" } }).to_string();
    server.reply(Reply::Paced(vec![Beat::Line(filtered)]));
    assert_eq!(name(&spoken(&server).await.1.unwrap_err()), "invalid");
    server.reply(Reply::Status { status: 429, code: String::new(), retry_after: Some(7) });
    assert_eq!(name(&spoken(&server).await.1.unwrap_err()), "retry 7000");
    server.reply(Reply::Raw(format!("data: {}\n\n", "x".repeat(2 << 20))));
    assert_eq!(name(&spoken(&server).await.1.unwrap_err()), "retry");
}

#[tokio::test]
async fn servers_that_know_nothing_of_streams_are_understood() {
    let server = Server::start().await;
    server.reply(Reply::Whole("Thank you. On which day?".to_owned()));
    let (said, act) = spoken(&server).await;
    assert_eq!((said.len(), act.unwrap().say.as_deref()), (0, Some("Thank you. On which day?")));
    server.reply(Reply::status(400));
    server.say("Thank you.");
    let (_, act) = spoken(&server).await;
    assert_eq!(act.unwrap().say.as_deref(), Some("Thank you."));
    let asked = server.asked();
    assert_eq!((&asked[1]["stream"], &asked[2]["stream"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn a_turn_that_nobody_hears_any_more_ends_with_what_was_said() {
    let server = Server::start().await;
    server.reply(Reply::Paced(vec![
        says("Thank you. On"),
        Beat::Waits,
        calls("end_session", &json!({ "OutcomeStatus": "PROMISE" })),
    ]));
    let (turn, mut pieces) = speak(&server);
    assert_eq!(pieces.recv().await.as_deref(), Some("Thank you."));
    drop(pieces);
    let act = turn.await.unwrap().unwrap();
    assert_eq!((act.say.as_deref(), act.end, act.usage.requests), (Some("Thank you."), None, 1));
    while server.abandoned() == 0 {
        tokio::task::yield_now().await;
    }
}
