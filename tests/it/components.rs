//! Compiled strategies and strategies of several modules, from the upload to the decision.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Method, multipart};
use serde_json::{Value, json};
use stratagem_tests::{Answer, Api, Campaign, TestApp, program, until};
use tokio::process::Command;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::strategies::{LEAVE_IT, PLAN_ONE_MAIL};

pub(crate) async fn upload(campaign: &Campaign, kind: &str, files: &[(&str, Vec<u8>)]) -> Answer {
    let mut form = multipart::Form::new().text("name", "Uploaded").text("type", kind.to_owned());
    for (name, bytes) in files {
        form = form.part("file", multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned()));
    }
    Api::send(campaign.api.request(Method::POST, &campaign.path("/strategies")).multipart(form)).await
}

pub(crate) async fn compiled(app: &TestApp, id: &str) -> Value {
    until("the component's end of compiling", async || {
        let strategy = app.admin.get(&format!("/strategies/{id}")).await.ok();
        (strategy["status"] != "compiling").then_some(strategy)
    })
    .await
}

/// A component of that world whose functions all trap.
pub(crate) fn dummy(world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit"))).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = wit_component::dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_is_compiled_and_takes_its_place_when_it_is_ready() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Compiled").await;
    campaign.mails("Mail", "Hello", "Hello.").await;
    let old = campaign.decides("data_load", LEAVE_IT).await;
    let wasm = dummy("data-load");
    let made = upload(&campaign, "data_load", &[("dummy.wasm", wasm.clone())]).await.with(202);
    assert_eq!(
        (&made["status"], &made["active"], &made["version_in_force"]),
        (&json!("compiling"), &json!(false), &Value::Null)
    );
    let id = made["id"].as_str().unwrap();
    let ready = compiled(&app, id).await;
    assert_eq!(
        (&ready["status"], &ready["active"], &ready["version_in_force"]),
        (&json!("ready"), &json!(true), &json!(1)),
        "{ready}"
    );
    assert_eq!(app.admin.get(&format!("/strategies/{old}")).await.ok()["active"], false);

    let boundary = app.admin.get(&format!("/strategies/{id}/boundary")).await.ok();
    assert_eq!(boundary["world"], "stratagem:strategy/data-load@1.0.0");
    assert_eq!(boundary["component_hash"], ready["hash"]);
    let imports: Vec<_> = boundary["imports"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert!(imports.contains(&"stratagem:strategy/http@1.0.0"), "{imports:?}");
    let back = reqwest::Response::bytes(
        app.admin.request(Method::GET, &format!("/strategies/{id}/component")).send().await.unwrap(),
    );
    assert_eq!(back.await.unwrap(), wasm);

    // It traps, which is told like any other failure.
    let contact = json!({ "object_id": "1", "external_id": "1", "name": "Ann" });
    let run = app.admin.post(&format!("/strategies/{id}/test-run"), json!({ "contact": contact })).await.ok();
    assert_eq!(run["error"]["kind"], "Trap", "{run}");

    // A new version that is source takes over at once; one that does not compile never does.
    let put = |files: Vec<u8>| {
        let form = multipart::Form::new().part("file", multipart::Part::bytes(files).file_name("x.wasm"));
        Api::send(app.admin.request(Method::PUT, &format!("/strategies/{id}")).multipart(form))
    };
    let source = app.admin.put(&format!("/strategies/{id}"), json!({ "source": LEAVE_IT })).await.with(200);
    assert_eq!(
        (&source["version"], &source["version_in_force"], &source["status"]),
        (&json!(2), &json!(2), &json!("ready"))
    );
    put(invalid_body()).await.with(202);
    let failed = compiled(&app, id).await;
    assert_eq!(
        (&failed["version"], &failed["version_in_force"], &failed["status"]),
        (&json!(3), &json!(2), &json!("failed"))
    );
    assert!(failed["status_reason"].as_str().unwrap().contains("does not compile"), "{failed}");
}

/// The dummy with one function whose body leaves nothing where a number is wanted: only the compiling process looks that closely.
fn invalid_body() -> Vec<u8> {
    let core = wat::parse_str(
        r#"(component
        (core module $m (func (result i32) nop))
        (core instance (instantiate $m))
        (import "stratagem:strategy/logging@1.0.0" (instance))
        (core module $r (func (export "run")))
        (core instance $i (instantiate $r))
        (func (export "run") (canon lift (core func $i "run"))))"#,
    );
    core.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_strategy_is_refused_before_anything_is_compiled() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Refused").await;
    let component = |text: &str| wat::parse_str(text).unwrap();
    let bodies = |count: usize, body: &str| component(&format!("(component (core module {}))", body.repeat(count)));
    let nested = "(component ".repeat(10) + &")".repeat(10);
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("text", b"\0asm this is none".to_vec(), "no valid component"),
        ("core module", wat::parse_str("(module)").unwrap(), "a core WebAssembly module"),
        ("nothing exported", component("(component)"), "does not export `run`"),
        ("another world", dummy("answer-analysis"), "it exports `on-agent-answer`"),
        (
            "wasi:http",
            component(r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#),
            "wasi:http/outgoing-handler",
        ),
        (
            "an old version",
            component(r#"(component (import "stratagem:strategy/http@0.9.0" (instance)))"#),
            "stratagem:strategy/http@0.9.0",
        ),
        ("a bare function", component(r#"(component (import "escape" (func)))"#), "`escape`"),
        ("many functions", bodies(250_000, "(func)"), "250,000 functions"),
        ("locals", bodies(3, &format!("(func {})", "(local i64)".repeat(20_000))), "local variables"),
        ("deep nesting", component(&nested), "components inside one another"),
        (
            "deep blocks",
            bodies(1, &format!("(func {}{})", "block ".repeat(30_000), "end ".repeat(30_000))),
            "blocks inside one another",
        ),
        ("a giant table", component("(component (core module (table 4000000000 funcref)))"), "elements in one table"),
    ];
    for (name, wasm, part) in cases {
        let started = Instant::now();
        let faults = upload(&campaign, "data_load", &[("x.wasm", wasm)]).await.faults();
        assert!(faults[0].1.contains(part), "{name}: {faults:?}");
        assert!(started.elapsed() < Duration::from_secs(60), "{name}");
        let asked = Instant::now();
        app.admin.get("/me").await.ok();
        assert!(asked.elapsed() < Duration::from_secs(2), "{name}");
    }
    let huge =
        upload(&campaign, "data_load", &[("x.wasm", [b"\0asm\x0d\0\x01\0".to_vec(), vec![0; 33 << 20]].concat())])
            .await;
    assert!(huge.faults()[0].1.contains("33,554,432 (32 MiB) are allowed"));
    assert!(app.admin.list(&campaign.path("/strategies")).await.is_empty());
}

/// What runs when a component is brought up: the module's start function, which may call `get-stdout`.
fn component_that_begins_with(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "wasi:io/streams@0.2.0" (instance $streams (export "output-stream" (type (sub resource)))))
            (alias export $streams "output-stream" (type $output))
            (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $output (type $outer))
                (export "output-stream" (type $o (eq $outer)))
                (export "get-stdout" (func (result (own $o))))))
            (core func $get (canon lower (func $stdout "get-stdout")))
            (core module $m
                (import "" "get" (func $get (result i32)))
                (memory 1)
                (func $start {body})
                (func (export "run"))
                (start $start))
            (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
            (func (export "run") (canon lift (core func $i "run"))))"#
    );
    wat::parse_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_that_breaks_a_limit_when_it_is_brought_up_fails_and_says_which() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Bombs").await;
    // Five billion fuel take seconds, and a machine that is busy with other tests takes many: the wall clock must not come first.
    let tenant = app.admin.get("/me").await.ok()["tenant_id"].as_str().unwrap().to_owned();
    let patient = json!({ "limits": { "wall_ms": 300_000 } });
    app.platform().patch(&format!("/tenants/{tenant}"), patient).await.ok();
    for (body, part) in [
        ("(loop $l (drop (call $get)) (br $l))", "HostCallLimit: the strategy wanted more than 1,000"),
        ("(loop $l (br $l))", "FuelExhausted: loading the component used all of the 5,000,000,000 fuel"),
        ("(drop (memory.grow (i32.const 30000))) unreachable", "MemoryLimit: the run wanted more than the 128 MiB"),
        ("unreachable", "Trap: the component aborted"),
        ("(call $start)", "StackOverflow"),
        ("nop", "does not fit"),
    ] {
        let made = upload(&campaign, "data_load", &[("x.wasm", component_that_begins_with(body))]).await.with(202);
        let failed = compiled(&app, made["id"].as_str().unwrap()).await;
        assert_eq!((&failed["status"], &failed["active"]), (&json!("failed"), &json!(false)), "{body}");
        assert!(failed["status_reason"].as_str().unwrap().contains(part), "{body}: {}", failed["status_reason"]);
        let contact = json!({ "object_id": "1", "external_id": "1", "name": "Ann" });
        let path = format!("/strategies/{}", failed["id"].as_str().unwrap());
        app.admin.post(&format!("{path}/test-run"), json!({ "contact": contact })).await.problem(409);
        // What is uploaded in its place takes the place that it never got.
        let better = app.admin.put(&path, json!({ "source": LEAVE_IT })).await.ok();
        assert_eq!((&better["status"], &better["version_in_force"]), (&json!("ready"), &json!(2)));
        assert_eq!(better["active"], true);
        assert_eq!(app.admin.get(&path).await.ok()["active"], true);
    }
}

/// The real tool on the tenant's machine, and the real compiler.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_built_by_the_tenant_decides_like_its_source() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Built").await;
    campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
    let from_source = campaign.decides("data_load", PLAN_ONE_MAIL).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("plan.py"),
        format!("import logging\nfrom datetime import datetime\nfrom stratagem import Communication\n{PLAN_ONE_MAIL}"),
    )
    .unwrap();
    let python = std::env::var("STRATAGEM_PYTHON")
        .unwrap_or_else(|_| format!("{}/.cache/stratagem/venv/bin/python", std::env::var("HOME").unwrap()));
    let built = Command::new(python)
        .args(["-m", "stratagem", "build", "plan.py", "--type", "data_load", "-o", "plan.wasm"])
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/../strategy-sdk/src"))
        .current_dir(&folder)
        .output()
        .await
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let inspected = Command::new(program()).args(["inspect", "plan.wasm"]).current_dir(&folder).output().await.unwrap();
    let said = String::from_utf8(inspected.stdout).unwrap();
    assert!(inspected.status.success() && said.contains("A server takes it as a data_load strategy."), "{said}");
    assert!(
        said.contains("stratagem:strategy/data-load@1.0.0") && said.contains("TCP, UDP and name lookup are refused"),
        "{said}"
    );

    let wasm = std::fs::read(folder.path().join("plan.wasm")).unwrap();
    let made = upload(&campaign, "data_load", &[("plan.wasm", wasm)]).await.with(202);
    let id = made["id"].as_str().unwrap();
    let ready = compiled(&app, id).await;
    assert_eq!(ready["status"], "ready", "{ready}");
    let mut outcomes = Vec::new();
    for strategy in [from_source.as_str(), id] {
        let contact = json!({ "object_id": "1", "external_id": "1", "name": "Ann", "params": { "amount": 12.5 } });
        let body = json!({ "contact": contact, "now": "2026-11-23T08:00:00Z", "seed": 1 });
        let run = app.admin.post(&format!("/strategies/{strategy}/test-run"), body.clone()).await.ok();
        let again = app.admin.post(&format!("/strategies/{strategy}/test-run"), body).await.ok();
        assert_eq!(run["error"], Value::Null, "{run}");
        assert_eq!((&run["contact"], &run["fuel"]), (&again["contact"], &again["fuel"]));
        outcomes.push(run["contact"].clone());
    }
    assert_eq!(outcomes[0], outcomes[1]);

    // It decides about real contacts, and its runs can be replayed.
    campaign.decides("aggregation", LEAVE_IT).await;
    campaign.activate().await;
    campaign.import_contacts(&[("1", "ann@example.com", "")]).await;
    campaign.settle().await;
    assert_eq!(app.mails_to("ann@example.com").await.len(), 1);
    let run = &campaign.runs("1").await[0];
    assert_eq!((&run["strategy_id"], &run["runtime_hash"]), (&json!(id), &ready["hash"]));
    let replay = app.admin.act(&format!("/runs/{}/replay", run["id"].as_str().unwrap())).await.ok();
    assert_eq!(replay["identical"], true, "{replay}");
}

/// The component that the server gives of a strategy, in the version that runs or another.
async fn component_of(app: &TestApp, id: &str, version: &str) -> Vec<u8> {
    let request = app.admin.request(Method::GET, &format!("/strategies/{id}/component{version}"));
    let answer = request.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/wasm".parse().unwrap())
    );
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_leaves_as_a_component_that_decides_the_same_where_it_is_uploaded() {
    let app = TestApp::start().await;
    let campaigns = [app.campaign("Source").await, app.campaign("Component").await];
    for campaign in &campaigns {
        campaign.mails("Mail", "Hello {{ contact.name }}", "Hello.").await;
        campaign.decides("aggregation", LEAVE_IT).await;
    }
    let [source_campaign, component_campaign] = &campaigns;
    let source = source_campaign.decides("data_load", PLAN_ONE_MAIL).await;
    let wasm = component_of(&app, &source, "").await;
    assert!(wasm == component_of(&app, &source, "?version=1").await, "the same bytes each time");

    let made = upload(component_campaign, "data_load", &[("strategy.wasm", wasm.clone())]).await.with(202);
    let id = made["id"].as_str().unwrap();
    let ready = compiled(&app, id).await;
    assert_eq!((&ready["status"], &ready["hash"]), (&json!("ready"), &made["boundary"]["component_hash"]), "{ready}");
    assert_eq!(ready["boundary"]["world"], "stratagem:strategy/data-load@1.0.0");
    assert!(wasm == component_of(&app, id, "").await, "a component is given as it was uploaded");

    for campaign in &campaigns {
        campaign.activate().await;
        campaign.import_contacts(&[("1", "ann@example.com", "")]).await;
        campaign.settle().await;
    }
    assert_eq!(planned(source_campaign).await, planned(component_campaign).await);
    assert_eq!(app.mails_to("ann@example.com").await.len(), 2);
    let run = &component_campaign.runs("1").await[0];
    assert_eq!((&run["strategy_id"], &run["runtime_hash"]), (&json!(id), &ready["hash"]));

    // Older versions can still be had; what never was cannot.
    app.admin.put(&format!("/strategies/{source}"), json!({ "source": LEAVE_IT })).await.ok();
    assert!(wasm == component_of(&app, &source, "?version=1").await);
    assert!(wasm != component_of(&app, &source, "").await);
    app.admin.get(&format!("/strategies/{source}/component?version=9")).await.problem(404);
    app.admin.get(&format!("/strategies/{source}/component?versoin=1")).await.problem(422);
}

/// Of the first contact: what was planned, without what differs from campaign to campaign.
async fn planned(campaign: &Campaign) -> Vec<[Value; 4]> {
    let communications = campaign.communications("1").await;
    communications
        .iter()
        .map(|each| ["name", "stage_name", "status", "channel"].map(|field| each[field].clone()))
        .collect()
}

const MAIN: &str = "from pricing.rules import price\nasync def run(contact, existing_contact, logger, **kwargs):\n    contact.results['price'] = price(2)\n    return contact\n";
const RULES: &str = "def price(n):\n    return n * 10\n";

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_modules_come_as_json_as_files_or_as_an_archive() {
    let app = TestApp::start().await;
    let campaign = app.campaign("Modules").await;
    let files = json!({ "main.py": MAIN, "pricing/rules.py": RULES });
    let json = json!({ "name": "x", "type": "data_load", "files": files, "entry": "main.py" });
    let zipped = archive(&[
        ("mine/main.py", MAIN.as_bytes()),
        ("mine/pricing/rules.py", RULES.as_bytes()),
        ("mine/readme.txt", b"\xff"),
    ]);
    let flat = [("main.py", MAIN.replace("pricing.rules", "rules").into_bytes()), ("rules.py", RULES.into())];
    for made in [
        app.admin.post(&campaign.path("/strategies"), json).await.with(201),
        upload(&campaign, "data_load", &[("mine.zip", zipped)]).await.with(201),
        upload(&campaign, "data_load", &flat).await.with(201),
    ] {
        let path = format!("/strategies/{}", made["id"].as_str().unwrap());
        let contact = json!({ "object_id": "1", "external_id": "1", "name": "Ann" });
        let run = app.admin.post(&format!("{path}/test-run"), json!({ "contact": contact })).await.ok();
        assert_eq!(run["contact"]["results"], json!({ "price": 20 }), "{run}");
        let source = app.admin.get(&format!("{path}/source")).await.ok();
        assert_eq!((&source["entry"], source["files"].as_object().unwrap().len()), (&json!("main.py"), 2));
    }

    let strategies = campaign.path("/strategies");
    let broken =
        json!({ "name": "x", "type": "data_load", "files": { "main.py": MAIN, "pricing/rules.py": "def price(n:\n" } });
    let problem = app.admin.post(&strategies, broken).await.problem(422);
    assert_eq!((&problem["errors"][0]["file"], &problem["errors"][0]["line"]), (&json!("pricing/rules.py"), &json!(1)));
    for (files, entry, field) in [
        (json!({ "../main.py": MAIN }), Value::Null, "files.../main.py"),
        (json!({ "a.py": MAIN, "b.py": MAIN }), Value::Null, "files"),
        (json!({ "a.py": MAIN }), json!("b.py"), "files"),
    ] {
        let body = json!({ "name": "x", "type": "data_load", "files": files, "entry": entry });
        assert_eq!(app.admin.post(&strategies, body).await.faults()[0].0, field);
    }
    let large = vec![b'#'; 9 << 20];
    for (bytes, part) in [
        (archive(&[("main.py", &large)]), "unpacks to more"),
        (archive(&[("fast.so", b"x"), ("main.py", b"")]), "native code"),
        (archive(&[("notes.txt", b"x")]), "no `.py` file"),
        (b"PK\x03\x04 is how it begins".to_vec(), "cannot be read"),
    ] {
        let faults = upload(&campaign, "data_load", &[("x.zip", bytes)]).await.faults();
        assert!(faults[0].1.contains(part), "{faults:?}");
    }
}
