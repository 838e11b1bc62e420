//! Making a call (`POST …/Calls.json`), and what the answer means.

use url::Url;

use super::settings;
use crate::{Integration, SendOutcome, Web, WebAnswer, WebError};

/// Codes for a number that cannot be called, however often it is tried: invalid (13223, 13224, 21201, 21211, 21217), not reachable (21214), in a
/// country that the account may not call (21215), that wants no calls (21216), not verified for a trial account (21219).
const NOT_THIS_NUMBER: [u64; 9] = [13223, 13224, 21201, 21211, 21214, 21215, 21216, 21217, 21219];
/// Codes of limits and of Twilio's own trouble: too many requests, a full queue of calls, internal errors.
const NOT_NOW: [u64; 4] = [20429, 20500, 20503, 22005];

/// Makes a call. Twilio has no key that would make a second one the same.
pub(super) async fn create(web: &Web, integration: &Integration, form: &[(String, String)]) -> SendOutcome {
    let url = match account_url(integration, "/Calls.json") {
        Ok(url) => url,
        Err(reason) => return SendOutcome::Misconfigured { reason },
    };
    let (user, password) = credentials(integration);
    match web.call(&url, |client, url| client.post(url).basic_auth(user, Some(password)).form(form)).await {
        Ok(answer) => understand(&answer),
        Err(error) => error.into(),
    }
}

/// Whether the account can be used; nothing is called.
pub(super) async fn look_up(web: &Web, integration: &Integration) -> Result<(), String> {
    let url = account_url(integration, ".json")?;
    let (user, password) = credentials(integration);
    let answer = web
        .call(&url, |client, url| client.get(url).basic_auth(user, Some(password)))
        .await
        .map_err(|e: WebError| e.to_string())?;
    let account = answer.json();
    match (answer.is_success(), account["status"].as_str()) {
        (true, Some("active")) => Ok(()),
        (true, Some(status)) => Err(format!("Twilio says that the account is {status}")),
        _ => Err(fault(&answer).1),
    }
}

fn credentials(integration: &Integration) -> (&str, &str) {
    (integration.setting("account_sid").unwrap_or_default(), integration.secret("auth_token").unwrap_or_default())
}

fn account_url(integration: &Integration, rest: &str) -> Result<Url, String> {
    let account = settings::read(&integration.settings)?;
    integration.secret("auth_token").ok_or("secrets.auth_token is required")?;
    let url = format!("{}/2010-04-01/Accounts/{}{rest}", account.base_url, account.account_sid);
    url.parse().map_err(|_| "settings.base_url is no address of a web server".to_owned())
}

fn understand(answer: &WebAnswer) -> SendOutcome {
    if answer.is_success() {
        let sid = answer.json()["sid"].as_str().map(str::to_owned);
        return match sid {
            Some(sid) => SendOutcome::Sent { provider_id: Some(sid) },
            None => SendOutcome::Unknown { reason: "Twilio took the call and named none".to_owned() },
        };
    }
    let (code, reason) = fault(answer);
    match (answer.status, code) {
        (429, _) => SendOutcome::Retry { after: answer.retry_after(), reason },
        (_, Some(code)) if NOT_NOW.contains(&code) => SendOutcome::Retry { after: answer.retry_after(), reason },
        (_, Some(code)) if NOT_THIS_NUMBER.contains(&code) => {
            SendOutcome::Rejected { code: Some(code.to_string()), reason, suppresses: None }
        }
        (500.., _) => SendOutcome::Unknown { reason },
        // What is left is about the account, its number or our addresses, and holds for every call.
        _ => SendOutcome::Misconfigured { reason },
    }
}

/// Twilio's code, where the answer is Twilio's, and what to tell.
fn fault(answer: &WebAnswer) -> (Option<u64>, String) {
    let body = answer.json();
    let code = body["code"].as_u64();
    let words: String = body["message"].as_str().unwrap_or_default().chars().take(300).collect();
    match code {
        Some(code) => (Some(code), format!("Twilio answered {code}: {words}")),
        None => (None, format!("the answer is not one of Twilio's: HTTP {}", answer.status)),
    }
}
