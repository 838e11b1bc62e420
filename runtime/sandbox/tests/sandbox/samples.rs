//! The specification's samples, word for word with their indentation restored, and what surrounds them.

use serde_json::json;
use stratagem_domain::strategy::{LogLevel, Output, StrategyType};

use crate::common::{check, hook, out, returned, run, run_as};

#[tokio::test]
async fn data_load_plans_the_first_communication() {
    let contact = returned(&run(include_str!("strategies/data_load.py")).await);
    assert_eq!(contact.current_stage.as_deref(), Some("First Contact"));
    let [planned] = &contact.communications[..] else { panic!("{contact:#?}") };
    assert_eq!(
        (planned.id.as_deref(), planned.name.as_str(), planned.stage_name.as_str(), planned.status.as_str()),
        (None, "Initial Message", "First Contact", "planned")
    );
    assert_eq!(planned.start_date, "2026-03-10T16:15:15.123456");
}

#[tokio::test]
async fn aggregation_completes_the_communication_and_plans_a_follow_up() {
    let report = run_as(StrategyType::Aggregation, include_str!("strategies/aggregation.py")).await;
    let contact = returned(&report);
    let [ended, next] = &contact.communications[..] else { panic!("{contact:#?}") };
    assert_eq!((ended.id.as_deref(), ended.status.as_str()), (Some("m-1"), "completed"));
    assert_eq!((next.stage_name.as_str(), next.start_date.as_str()), ("Second Attempt", "2026-03-11T15:15:15.123456"));
}

#[tokio::test]
async fn answer_analysis_reads_the_message_and_keeps_a_datetime() {
    let report = run_as(StrategyType::AnswerAnalysis, include_str!("strategies/answer_analysis.py")).await;
    let contact = returned(&report);
    assert_eq!(contact.current_stage.as_deref(), Some("Payment Promised"));
    assert_eq!(contact.internal_data["last_message_time"], json!({"$": "datetime", "v": "2026-03-10T15:15:15.123456"}));
}

#[tokio::test]
async fn answer_analysis_may_return_none() {
    let report =
        run_as(StrategyType::AnswerAnalysis, "def on_agent_answer(contact, message, **kwargs):\n    return None\n")
            .await;
    assert_eq!(report.outcome.unwrap(), Output::none());
}

#[tokio::test]
async fn logger_and_print_write_the_log_in_order() {
    let report =
        run(&hook("logger.info('one')\nprint('two', 3)\nlogger.error('four %s', 5)\nprint('six\\nseven')")).await;
    let lines: Vec<_> = report.logs.iter().map(|line| (line.level, line.message.as_str())).collect();
    assert_eq!(
        lines,
        [
            (LogLevel::Info, "one"),
            (LogLevel::Print, "two 3"),
            (LogLevel::Error, "four 5"),
            (LogLevel::Print, "six"),
            (LogLevel::Print, "seven"),
        ]
    );
}

#[tokio::test]
async fn clocks_show_the_runs_time_in_the_runs_zone() {
    let seen = out(
        "import time, datetime as d\n\
         contact.results['out'] = [datetime.now().isoformat(), d.datetime.now(d.UTC).isoformat(), d.date.today().isoformat(), \
         time.time(), time.monotonic()]",
    )
    .await;
    let expected = json!([
        "2026-03-10T15:15:15.123456",
        "2026-03-10T09:30:15.123456+00:00",
        "2026-03-10",
        1_773_135_015.123_456,
        0.0
    ]);
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn nobody_can_be_called_without_a_server() {
    let seen = out(
        "from stratagem import http\n\
         try:\n    await http.get('https://example.com')\nexcept Exception as error:\n    contact.results['out'] = str(error)",
    )
    .await;
    assert!(seen.as_str().unwrap().contains("a server allows hosts to each tenant"), "{seen}");
}

#[tokio::test]
async fn checking_loads_and_does_not_call() {
    let report = check("print('loaded')\ndef run(contact, existing_contact, logger):\n    print('called')\n").await;
    assert_eq!(report.outcome.unwrap(), Output::none());
    assert_eq!(report.logs.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["loaded"]);
    assert!(report.fuel > 0);
}
