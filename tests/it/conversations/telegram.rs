//! A bot on Telegram.

use serde_json::json;
use stratagem_providers::telegram;
use stratagem_tests::{TestApp, of_contact, until};

use super::{PLAN_IT, agent, answers, campaign, import, integration, session};
use crate::strategies::LEAVE_IT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_writes_to_whom_it_was_made_known_and_a_block_is_heeded() {
    let app = TestApp::start().await;
    let bot = telegram::Telegram::start("123456:token", "acme_bot").await;
    let settings = json!({ "base_url": bot.url, "bot_username": "acme_bot", "mode": "polling" });
    let secrets = json!({ "bot_token": "123456:token", "secret_token": "secret" });
    let id = integration(&app, "telegram", settings, secrets).await;
    let agent = agent(&app, "Ann", json!({ "telegram": id })).await;
    let stage = json!({ "name": "Bot", "channel": "telegram", "agent_id": agent, "settings": {} });
    let campaign = campaign(&app, "bots", &[stage]).await;
    // Not planned before they are known: nothing is sent as long as it is a draft.
    import(&campaign, &[("1", "", "Bot"), ("2", "", "Bot")]).await;
    let contact = campaign.contact("1").await;
    let links = app.admin.get(&of_contact(&contact, "/links")).await.ok();
    assert_eq!(links["telegram"][0]["linked"], false);
    let url = links["telegram"][0]["url"].as_str().unwrap().to_owned();
    let token = url.split("start=").nth(1).unwrap().to_owned();
    bot.press_start(77, Some(&token)).await;
    bot.press_start(78, Some("0192f0c123457abc8def0123456789ab0123456789abcdef")).await;
    until("the contact to be known", async || {
        let links = app.admin.get(&of_contact(&contact, "/links")).await.ok();
        (links["telegram"][0]["linked"] == true).then_some(())
    })
    .await;
    campaign.activate().await;
    session(&campaign, "1", "the bot to write", answers(1)).await;
    bot.write(77, json!({ "text": "I promise" })).await;
    session(&campaign, "1", "the answer", answers(2)).await;
    bot.block(77).await;
    campaign.settle().await;
    assert_eq!(campaign.contact("1").await["results"]["Session"]["OutcomeStatus"], "OPTED_OUT");
    let unknown = &campaign.communications("2").await[0];
    assert_eq!(unknown["status"], "skipped");
    assert!(unknown["error"].as_str().unwrap().contains("NOT_LINKED"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_has_the_link_by_which_its_contact_makes_itself_known_to_the_bot() {
    let app = TestApp::start().await;
    let campaign = app.campaign("links").await;
    campaign.mails("Mail", "Talk to us", "<a href=\"{{ telegram_url }}\">Start</a>").await;
    campaign.decides("data_load", PLAN_IT).await;
    campaign.decides("aggregation", LEAVE_IT).await;
    let (field, message) = app.admin.act(&campaign.path("/activate")).await.faults().remove(0);
    assert_eq!(field, "stages.Mail.settings", "{message}");

    let bot = telegram::Telegram::start("123456:token", "acme_bot").await;
    let secrets = json!({ "bot_token": "123456:token", "secret_token": "secret" });
    let add = async |name: &str| {
        let settings = json!({ "base_url": bot.url, "bot_username": name, "mode": "polling" });
        integration(&app, "telegram", settings, secrets.clone()).await
    };
    let other = add("other_bot").await;
    let id = add("acme_bot").await;
    // Which of two is said by the campaign's stage.
    app.admin.act(&campaign.path("/activate")).await.problem(422);
    let agent = agent(&app, "Ann", json!({ "telegram": id })).await;
    let stage = json!({ "name": "Bot", "channel": "telegram", "agent_id": agent, "settings": {} });
    campaign.try_stage(stage).await.with(201);
    campaign.activate().await;
    import(&campaign, &[("1", "", "Mail")]).await;
    campaign.settle().await;
    let mail = app.mails_to("c1@example.com").await.remove(0);
    let links = app.admin.get(&of_contact(&campaign.contact("1").await, "/links")).await.ok();
    let own = links["telegram"].as_array().unwrap().iter().find(|link| link["integration_id"] == id.as_str()).unwrap();
    let url = own["url"].as_str().unwrap();
    assert!(url.starts_with("https://t.me/acme_bot?start="), "{url}");
    assert!(mail.html.contains(url), "{url} in {}", mail.html);
    assert_ne!(other, id);
}
