//! The client against aimock, a model's server that others wrote: `tests/oracles/aimock/run.sh` starts it.

use std::collections::HashMap;

use secrecy::SecretString;
use serde_json::{Map, json};
use stratagem_agent::{Agent, Agents, Aloud, Limits, LlmProvider};
use stratagem_channels::{AddressPolicy, Integration, Provider};
use stratagem_domain::{
    agent::{Act, AgentError, AgentKind, AgentSpec, Role, Turn, Utterance},
    channel::IntegrationKind,
};

fn integration(base_url: &str, key: &str) -> Integration {
    let settings = [("base_url", base_url), ("model", "gpt-4o")];
    Integration {
        id: "i".to_owned(),
        version: 1,
        kind: IntegrationKind::Llm,
        settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        secrets: HashMap::from([("api_key".to_owned(), SecretString::from(key))]),
        kept: Default::default(),
    }
}

async fn act(integration: &Integration, message: &str) -> Result<Act, AgentError> {
    act_to(integration, message, None).await
}

/// A turn that is made aloud, and the pieces that were said while it was made.
async fn speak(integration: &Integration, message: &str) -> (Result<Act, AgentError>, Vec<String>) {
    let (aloud, mut pieces) = Aloud::new();
    let listening = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Some(piece) = pieces.recv().await {
            heard.push(piece);
        }
        heard
    });
    let act = act_to(integration, message, Some(&aloud)).await;
    drop(aloud);
    (act, listening.await.unwrap_or_default())
}

async fn act_to(integration: &Integration, message: &str, aloud: Option<&Aloud>) -> Result<Act, AgentError> {
    let spec = AgentSpec {
        name: "Iris".to_owned(),
        kind: AgentKind::Llm,
        instructions: "Ask when the invoice will be paid.".to_owned(),
        rules: String::new(),
        states: Vec::new(),
        result_schema: Some(json!({ "type": "object", "properties": { "OutcomeStatus": { "enum": ["PROMISE"] } } })),
    };
    let turn = Turn {
        messages: vec![Utterance { role: Role::Human, content: message.to_owned() }],
        state: None,
        context: Map::new(),
        spoken: false,
    };
    let agents = Agents::new(AddressPolicy::default().allow_loopback(true), Limits::default());
    agents.act(&spec, Some(integration), &turn, aloud).await
}

#[tokio::test]
#[ignore = "needs aimock: tests/oracles/aimock/run.sh"]
async fn aimock_is_understood() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let servers = std::env::var("STRATAGEM_AIMOCK").expect("run.sh says where aimock is");
    let servers: Vec<Integration> = servers.split(' ').map(|url| integration(url, "sk-s3cret")).collect();

    let said = act(&servers[0], "Who is this? who is this").await.unwrap();
    assert_eq!(said.say.as_deref(), Some("This is Iris. When will you pay?"));
    assert!(said.usage.requests == 1 && said.usage.prompt_tokens > 0 && said.usage.completion_tokens > 0, "{said:?}");

    let ended = act(&servers[0], "on friday").await.unwrap();
    assert_eq!(
        (ended.say.as_deref(), ended.end.unwrap()["OutcomeStatus"].as_str()),
        (Some("Thank you."), Some("PROMISE"))
    );

    let (spoken, pieces) = speak(&servers[0], "who is this").await;
    let spoken = spoken.unwrap();
    assert_eq!((spoken.say.as_deref(), pieces), (said.say.as_deref(), vec!["This is Iris.".to_owned()]));
    assert!(spoken.usage.prompt_tokens > 0 && spoken.usage.completion_tokens > 0, "{spoken:?}");
    let (ended, _) = speak(&servers[0], "on friday").await;
    let ended = ended.unwrap();
    assert_eq!(
        (ended.say.as_deref(), ended.end.unwrap()["OutcomeStatus"].as_str()),
        (Some("Thank you."), Some("PROMISE"))
    );
    let (limited, _) = speak(&servers[1], "who is this").await;
    assert!(matches!(limited, Err(AgentError::Retry { after_ms: Some(_), .. })), "{limited:?}");
    let (broken, _) = speak(&servers[2], "who is this").await;
    assert!(matches!(broken, Err(AgentError::Retry { .. })), "{broken:?}");

    let repaired = act(&servers[0], "waive it").await.unwrap();
    assert_eq!((repaired.say.as_deref(), repaired.end, repaired.usage.requests), (Some("I cannot waive it."), None, 2));

    let limited = act(&servers[1], "who is this").await.unwrap_err();
    assert!(matches!(limited, AgentError::Retry { after_ms: Some(_), .. }), "{limited:?}");
    let broken = act(&servers[2], "who is this").await.unwrap_err();
    assert!(matches!(broken, AgentError::Retry { .. }), "{broken:?}");

    let stranger = integration(servers[0].setting("base_url").unwrap(), "sk-other");
    let refused = act(&stranger, "who is this").await.unwrap_err();
    assert!(matches!(refused, AgentError::Misconfigured { .. }), "{refused:?}");
    let provider = LlmProvider::new(AddressPolicy::default().allow_loopback(true));
    assert!(provider.probe(&stranger).await.unwrap_err().contains("401"));
}
