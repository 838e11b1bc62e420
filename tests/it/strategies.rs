//! Strategies that several stories use.

/// Plans one mail, now, on the stage `Mail`.
pub(crate) const PLAN_ONE_MAIL: &str = r#"
async def run(contact, existing_contact, logger, **kwargs):
    contact.communications.append(Communication("Hello", stage_name="Mail", start_date=datetime.now()))
    contact.current_stage = "Mail"
    return contact
"#;

/// Keeps what the session came to in the contact's results, and plans nothing.
pub(crate) const KEEP_RESULTS: &str = r#"
async def run(contact, session_results, logger, **kwargs):
    contact.results["Session"] = dict(session_results)
    logger.info("ended as %s", session_results.get("OutcomeStatus", "NO_RESPONSE"))
    return contact
"#;

/// Whatever happens, leaves it.
pub(crate) const LEAVE_IT: &str = "async def run(contact, *args, **kwargs):\n    return contact\n";

/// A campaign that sends one mail to each contact, ready to be activated.
pub(crate) async fn one_mail(app: &stratagem_tests::TestApp, name: &str) -> stratagem_tests::Campaign {
    let campaign = app.campaign(name).await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Your number is {{ contact.object_id }}.").await;
    campaign.decides("data_load", PLAN_ONE_MAIL).await;
    campaign.decides("aggregation", KEEP_RESULTS).await;
    campaign
}
