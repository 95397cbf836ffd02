//! The vendor's own questions: where the answers go, what changes with them, and who sees the secret ones.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use k8s_openapi::api::core::v1::Secret;
use serde_json::json;

use crate::{
    bootstrap::helm_release,
    leak::{assert_clean, assert_clean_cluster, assert_clean_files},
    support::{
        Machine,
        console::{Console, key, words},
        machine::PASSWORD,
        pages::Page,
        process,
    },
};

const LICENSE: &str = "appliance-license-seed";
const TENANT: &str = "appliance-initial-tenant";

/// Told nowhere but in its Secret.
const MAIL_PASSWORD: &str = "seven-blue-Ferries-at-9";

/// The chart of this repository takes anything as `global`.
const VALUES: &str = r#"
[endpoint]
ask = true
url = "https://{hostname}/"
value = "global.hostname"

[[question]]
id = "region"
kind = "choice"
label = "Region"
choices = [{ value = "eu", label = "Europe" }, { value = "us", label = "United States" }]
value = "global.backup.region"

[[question]]
id = "attempts"
kind = "number"
label = "Attempts"
value = "job.backoffLimit"
default = 3

[[question]]
id = "telemetry"
kind = "boolean"
label = "Send usage statistics?"
value = "global.telemetry"

[[question]]
id = "motto"
kind = "text"
label = "Motto"
optional = true
value = "global.motto"
"#;

const KEYS: &str = r#"
[[question]]
id = "mail-domain"
kind = "text"
label = "Mail domain"
secret-key = { secret = "license", key = "MAIL_DOMAIN" }

[[question]]
id = "mail-port"
kind = "number"
label = "Mail port"
default = 25
secret-key = { secret = "tenant", key = "MAIL_PORT" }

[[question]]
id = "mail-password"
kind = "secret"
label = "Mail password"
optional = true
secret-key = { secret = "tenant", key = "MAIL_PASSWORD" }
"#;

fn mail(domain: &str, password: &str) -> String {
    let password = if password.is_empty() { String::new() } else { format!("mail-password = \"{password}\"\n") };
    format!("[answers]\nmail-domain = \"{domain}\"\n{password}")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn answers_reach_the_chart_and_the_secrets_and_secrets_nobody_else() {
    let mut machine = Machine::new("questions").await.with_bootstrap();
    machine.add_to_profile(&format!("{VALUES}{KEYS}"));
    let values = "region = \"eu\"\ntelemetry = false\n[endpoint]\nhostname = \"Appliance.Acme.example\"\n";
    machine.answer_also(&(mail("acme.example", MAIL_PASSWORD) + values));
    let text = process::run(machine.text_command()).await;
    assert_eq!(text.code, Some(0), "{}", text.stdout);

    let record = machine.namespace.get::<Secret>("sh.helm.release.v1.bootstrap.v1").await.expect("Helm's record");
    let given = json!({
        "global": {"hostname": "appliance.acme.example", "backup": {"region": "eu"}, "telemetry": false},
        "job": {"backoffLimit": 3},
    });
    assert_eq!(helm_release(&record)["config"], given);
    let tenant = machine.namespace.secret(TENANT).await.expect("the tenant's Secret");
    assert_eq!(tenant.get("MAIL_PASSWORD").map(String::as_str), Some(MAIL_PASSWORD));
    assert_eq!(tenant.get("MAIL_PORT").map(String::as_str), Some("25"));
    let license = machine.namespace.secret(LICENSE).await.expect("the license's Secret");
    assert_eq!(license.get("MAIL_DOMAIN").map(String::as_str), Some("acme.example"));

    let again = machine.run().await;
    let told = ["rehearse", "redeem", "secrets", "bootstrap"].map(|step| again.done().outcome(step));
    assert!(told.iter().all(|outcome| outcome.starts_with("unchanged")), "{told:?}");

    let secrets = [("the mail password", MAIL_PASSWORD.to_owned())];
    assert_clean("text", text.stdout.as_bytes(), &secrets);
    assert_clean("JSON", again.stdout.as_bytes(), &secrets);
    assert_clean_files(&machine, &secrets);
    assert_clean_cluster(&machine, &secrets).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_changed_answer_changes_its_place_and_nothing_else() {
    let mut machine = Machine::new("question-changed").await;
    machine.add_to_profile(KEYS);
    machine.answer_also(&mail("acme.example", MAIL_PASSWORD));
    machine.run().await.done();
    let secrets = || async {
        let (tenant, license) = tokio::join!(machine.namespace.secret(TENANT), machine.namespace.secret(LICENSE));
        (tenant.expect("the tenant's Secret"), license.expect("the license's Secret"))
    };
    let (tenant, mut license) = secrets().await;
    assert!(machine.run().await.done().outcome("secrets").starts_with("unchanged"));

    // There is no grant any more: all else in the license Secret stays as it is.
    machine.answer_also(&mail("acme.test", MAIL_PASSWORD));
    let outcome = machine.run().await.done().outcome("secrets");
    assert!(outcome.starts_with(&format!("changed: `{LICENSE}` written")), "{outcome}");
    license.insert("MAIL_DOMAIN".to_owned(), "acme.test".to_owned());
    assert_eq!(secrets().await, (tenant.clone(), license.clone()));

    // An answer that is given no more is taken away.
    machine.answer_also(&mail("acme.test", ""));
    let outcome = machine.run().await.done().outcome("secrets");
    assert!(outcome.starts_with(&format!("changed: `{TENANT}` written")), "{outcome}");
    let mut without = tenant;
    without.remove("MAIL_PASSWORD");
    assert_eq!(secrets().await, (without, license));
    assert!(machine.run().await.done().outcome("secrets").starts_with("unchanged"));
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_answer_that_the_chart_refuses_does_not_cost_the_code() {
    let mut machine = Machine::new("question-refused").await.with_bootstrap();
    machine.add_to_profile(VALUES);
    let answers = |attempts: u32| {
        format!(
            "[endpoint]\nhostname = \"a.example\"\n[answers]\nregion = \"us\"\ntelemetry = true\nattempts = {attempts}\n"
        )
    };
    machine.answer_also(&answers(50));
    let told = machine.rehearse().await.failed(ErrorId::ChartRefused).told();
    assert_eq!(machine.run().await.failed(ErrorId::ChartRefused).told(), told);
    assert_snapshot!(told, @r"
    chart-refused: `helm upgrade --install --dry-run=server` failed: values don't meet the specifications of the schema(s) in the following chart(s): bootstrap: - at '/job/backoffLimit': maximum: got 50, want 10
      hint: Correct what Helm names in the chart, in `bootstrap.values` of the profile or in the answers, then run again.
    ");
    machine.assert_untouched().await;
    machine.answer_also(&answers(0));
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_wizard_asks_them_and_shows_no_secret() {
    let mut machine = Machine::new("question-wizard").await.with_bootstrap();
    machine.add_to_profile(&format!("{VALUES}{KEYS}"));
    let mut console = Console::open(machine.wizard(), (80, 24));
    console.answer_until(Page::Password, &machine.minted.code.grouped()).await;
    console.press(&format!("{PASSWORD}{0}{PASSWORD}{0}", key::ENTER)).await;
    for (page, keys) in [
        ("Under which name", "appliance.acme.example"),
        // A letter looks for what begins with it.
        ("United States", "u"),
        ("Attempts", ""),
        ("Send usage statistics?", "y"),
        ("Motto", ""),
        ("Mail domain", "acme.example"),
        ("Mail port", "x"),
        ("Mail password", MAIL_PASSWORD),
    ] {
        console.wait_for_text(page).await;
        console.press(&format!("{keys}{}", key::ENTER)).await;
    }
    console.on(Page::Review).await;
    console.wait_for_text("United States").await;
    console.press(key::ENTER).await;
    console.on(Page::Done).await;
    console.wait_for_text("https://appliance.acme.example/").await;
    assert!(console.when(|screen| words(screen).contains(MAIL_PASSWORD)).is_none(), "it stood on the screen");
    console.press(key::ENTER).await;
    let left = console.end().await;
    left.ended(0);
    let secrets = [("the mail password", MAIL_PASSWORD.to_owned())];
    assert_clean("the terminal", &left.bytes, &secrets);
    assert_clean_files(&machine, &secrets);
    assert_clean_cluster(&machine, &secrets).await;
    let tenant = machine.namespace.secret(TENANT).await.expect("the tenant's Secret");
    assert_eq!(tenant.get("MAIL_PASSWORD").map(String::as_str), Some(MAIL_PASSWORD));
    let record = machine.namespace.get::<Secret>("sh.helm.release.v1.bootstrap.v1").await.expect("Helm's record");
    assert_eq!(helm_release(&record)["config"]["global"]["backup"]["region"], "us");
}
