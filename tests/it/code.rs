//! Install codes that the license service refuses: which exit code, which sentence, and that nothing was written.

use firstlight::error::ErrorId;
use insta::assert_snapshot;
use jiff::SignedDuration;
use license_service::NewCode;

use crate::support::{
    Machine,
    hostile::{Answer, Hostile},
    process,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_unknown_code_is_asked_for_again() {
    let machine = Machine::new("unknown").await;
    machine.answer("2222-2222");
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::CodeUnknown).told(), @r"
    code-unknown: the license service does not know this install code (it says: This install code is not known. Check it for typing mistakes, or ask for a new one.)
      hint: Compare the code with the e-mail it came in, and correct it. If a newer e-mail exists, use the code in that one.
    ");
    machine.assert_no_secrets().await;
    assert_eq!(machine.sent(), 1);

    machine.answer(&machine.minted.code.grouped());
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn people_are_told_in_the_language_of_the_locale_and_scripts_in_english() {
    let machine = Machine::new("german").await;
    machine.answer("2222-2222");
    let ended = process::run_with(machine.text_command().env("LANG", "de_DE.UTF-8")).await;
    assert_eq!(ended.code, Some(20), "{}", ended.stdout);
    // What takes its time or depends on the machine, and the order of what is tried side by side.
    let varies = |line: &&str| [" MiB ", " s ", " s)", "Version"].iter().any(|part| line.contains(part));
    let mut lines: Vec<&str> = ended.stdout.lines().filter(|line| !varies(line)).collect();
    lines.sort_unstable();
    let service = machine.service.address().to_string();
    let text = lines.join("\n").replace(&machine.namespace.name, "NAMESPACE").replace(&service, "SERVICE");
    assert_snapshot!(text, @r"
          der Code wird an SERVICE gesendet
          diese Maschine, der Lizenzdienst und Kubernetes werden geprüft
          nicht ausgeführt: secrets; `redeem` ist fehlgeschlagen
          offen   secrets: nicht versucht: den Namespace gibt es noch nicht; es wird nachgeholt, bevor der Code gesendet wird
          ok      license-service: SERVICE antwortet über TLS
          ok      name-resolution: SERVICE ist 127.0.0.1
          ok      namespace: `NAMESPACE` kann angelegt werden
          ok      permissions: alle 6, die gebraucht werden
      Hinweis: Vergleichen Sie den Code mit der E-Mail, in der er kam, und berichtigen Sie ihn. Gibt es eine neuere E-Mail, verwenden Sie den Code aus dieser.
    Exit-Code 20; `firstlight explain code-unknown` sagt mehr
    [1/3] Zuerst alles prüfen
    [2/3] Den Installationscode einlösen
    error[code-unknown]: der Lizenzdienst kennt diesen Installationscode nicht (der Dienst sagt: This install code is not known. Check it for typing mistakes, or ask for a new one.)
    ");
    let ended = process::run_with(machine.command().env("LANG", "de_DE.UTF-8")).await;
    assert!(ended.failed(ErrorId::CodeUnknown).told().contains("does not know this install code"), "{}", ended.told());
    assert!(!ended.stdout.contains("Lizenzdienst"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_revoked_code_is_an_unknown_one_and_the_reissued_one_serves() {
    let machine = Machine::new("revoked").await;
    assert!(machine.service.store().revoke_code(&machine.minted.code).expect("revoked"));
    let reissued = machine.reissued(machine.minted.tenant_id);
    machine.run().await.failed(ErrorId::CodeUnknown);
    machine.assert_no_secrets().await;

    machine.answer(reissued.code.expose());
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_code_in_whose_place_a_newer_one_was_issued_is_told_as_such() {
    let mut machine = Machine::new("superseded").await;
    let newest = machine.reissued(machine.minted.tenant_id);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::CodeSuperseded).told();
    assert!(told.contains("Use the code of the newest e-mail"), "{told}");
    assert_eq!(ended.code, Some(22));
    machine.assert_no_secrets().await;

    machine.use_code(newest);
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn an_expired_code_is_to_be_reissued() {
    let code = NewCode { expires_in: SignedDuration::ZERO, ..NewCode::default() };
    let mut machine = Machine::with("expired", code, |_| {}).await;
    let ended = machine.run().await;
    assert_snapshot!(ended.failed(ErrorId::CodeExpired).told(), @r"
    code-expired: the install code has expired (it says: This install code has expired. Ask for a new one.)
      hint: Ask the vendor to reissue the install code for this tenant, then run again with the new one.
    ");
    machine.assert_no_secrets().await;

    machine.use_code(machine.reissued(machine.minted.tenant_id));
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes two namespaces)"]
async fn a_code_that_another_appliance_used_is_refused() {
    let (first, mut second) = (Machine::new("used-a").await, Machine::new("used-b").await);
    first.run().await.done();
    second.set("license.url", first.service.url().to_owned());
    let read = |path| std::fs::read_to_string(path).expect("the service's file");
    second.trust(&read(first.service.ca_pem_file()));
    second.write("/etc/firstlight/token.pub", &read(first.service.token_key_file()), 0o644);
    second.answer(first.minted.code.expose());
    let ended = second.run().await;
    let told = ended.failed(ErrorId::CodeUsed).told().replace(&second.appliance_id(), "[appliance]");
    assert_snapshot!(told, @r"
    code-used: the install code has already been used (it says: This install code was used by another appliance. Ask for a new one.); this appliance is [appliance]
      hint: ask the vendor to reissue a code for this tenant, and quote [appliance]
    ");
    second.assert_no_secrets().await;
    assert_eq!(first.service.store().claims().expect("counted"), 1);

    second.use_service();
    second.answer(second.minted.code.expose());
    second.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn a_code_that_we_used_before_a_power_cut_is_told_as_such() {
    let mut machine = Machine::new("used-by-us").await;
    assert_eq!(machine.cut_at("register.answered").await.code, None);
    let used = r#"{"code": "consumed_claim_code", "error": "Used."}"#;
    // A service that cannot replay a claim.
    let hostile = Hostile::start(Answer::json("409 Conflict", used));
    machine.use_hostile(&hostile);
    let ended = machine.run().await;
    let told = ended.failed(ErrorId::CodeUsed).told().replace(&machine.appliance_id(), "[appliance]");
    let told = told.replace(machine.service.url(), "[first]");
    let end_of_time = told.find(" UTC").expect("when it was sent");
    let told = told.replace(&told[end_of_time - "2026-01-01 00:00:00".len()..end_of_time], "[time]");
    assert_snapshot!(told, @r"
    code-used: the install code has already been used (it says: Used.); this machine sent it to `[first]` as [appliance] on [time] UTC and did not see the answer
      hint: the code may have been spent by this machine before it was interrupted: ask the vendor to reissue a code for the same tenant, and quote [appliance]
    ");
    machine.assert_no_secrets().await;
    assert_eq!(hostile.registrations().len(), 1);

    machine.use_service();
    machine.assert_finishes().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn the_free_edition_has_no_token() {
    let code = NewCode { edition: license_service::Edition::Essentials, ..NewCode::default() };
    let machine = Machine::with("essentials", code, |_| {}).await;
    machine.assert_finishes().await;
    machine.run().await.done();
    assert_eq!(machine.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs cluster (creates and deletes one namespace)"]
async fn what_one_license_service_granted_is_not_used_with_another() {
    let mut machine = Machine::new("moved").await;
    assert_eq!(machine.cut_at("register.journalled").await.code, None);
    let hostile = Hostile::start(Answer::json("404 Not Found", r#"{"code": "invalid_claim_code"}"#));
    machine.use_hostile(&hostile);
    let ended = machine.run().await;
    let hide = |text: String| text.replace(machine.service.url(), "[first]").replace(&hostile.url(), "[second]");
    assert_snapshot!(hide(ended.failed(ErrorId::OtherService).told()), @r"
    other-service: this install code was redeemed with `[first]`, but the profile names `[second]`; it was not sent, and the grant was not used
      hint: set `license.url` to `[first]` in the profile to go on with the grant, which is kept in the journal; or enter a code of `[second]`
    ");
    assert!(hostile.registrations().is_empty(), "the code went to the other service");

    // Another code is for the service that the profile names; it does not get the grant either.
    machine.answer("2222-2222");
    let ended = machine.run().await;
    ended.failed(ErrorId::CodeUnknown);
    let notes = ended.events().into_iter().filter_map(|event| event["text"].as_str().map(str::to_owned));
    let notes: Vec<String> = notes.filter(|note| note.starts_with("the grant of")).map(hide).collect();
    assert_snapshot!(notes.join("\n"), @"the grant of `[first]` in the journal is not used: the profile names `[second]`");
    let registrations = hostile.registrations();
    assert!(registrations.len() == 1 && registrations[0].contains("22222222"), "{registrations:?}");
    machine.assert_no_secrets().await;

    // With the first service again, its grant serves.
    machine.use_service();
    machine.answer(&machine.minted.code.grouped());
    machine.assert_finishes().await;
    assert_eq!(machine.sent(), 1);
}
