use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use stratagem_domain::step::StepKind;
use stratagem_store::{
    dead::{DeadFilter, Remedied, Remedy},
    entities::step,
};
use uuid::Uuid;

use super::{
    DataArgs, Failure,
    database::{Access, now_ms, open},
    print,
};
use crate::time::rfc3339;

/// What to do where a server has the database to itself.
const BUSY: &str = "a server is running on it: stop it first, or use its API: POST /api/v1/steps/{id}/retry, \
                    /api/v1/steps/{id}/drop, /api/v1/steps/retry and /api/v1/steps/drop for many, and /api/v1/sends/release";

/// See to steps that were given up on, and release sends that are held
///
/// A step is given up on where its strategy raised, its attempts were used up, or the server died over it again and again. With
/// PostgreSQL all of this goes beside running servers. With SQLite only `list` does; a running server's API does the same.
#[derive(Args)]
pub(super) struct Steps {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the steps that were given up on
    List {
        #[command(flatten)]
        which: Which,

        /// At most so many
        #[arg(long, default_value_t = 100, value_name = "COUNT")]
        limit: u64,

        /// As JSON
        #[arg(long)]
        json: bool,

        #[command(flatten)]
        data: DataArgs,
    },
    /// Do steps again as if they had never been tried
    Retry {
        #[command(flatten)]
        these: These,

        #[command(flatten)]
        data: DataArgs,
    },
    /// Cancel steps, and what waits for them: planned communications, open sessions, imports
    Drop {
        #[command(flatten)]
        these: These,

        #[command(flatten)]
        data: DataArgs,
    },
    /// Let sends go on that are held since a restore
    Release {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// Which steps.
#[derive(Args)]
struct Which {
    /// Only those of the campaign with this id
    #[arg(long, value_name = "ID")]
    campaign: Option<Uuid>,

    /// Only those of this kind: import, compile, load_data, deliver, reschedule, close_session or aggregate
    #[arg(long, value_parser = kind)]
    kind: Option<StepKind>,
}

/// Which steps, by name or all of some.
#[derive(Args)]
struct These {
    /// Ids of steps, as `list` shows them
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with_all = ["all", "campaign", "kind"])]
    ids: Vec<i64>,

    /// All that were given up on
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    which: Which,
}

fn kind(name: &str) -> Result<StepKind, String> {
    StepKind::parse(name).ok_or_else(|| format!("`{name}` is no kind of step"))
}

impl Steps {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        match self.action {
            Action::List { which, limit, json, data } => {
                let (store, _) = open(&data, Access::Read, BUSY).await?;
                let steps = store.dead_steps(None, which.into(), None, limit).await?;
                if json {
                    print(serde_json::to_string_pretty(&as_json(&steps))?)
                } else {
                    print_table(&steps)
                }
                Ok(ExitCode::SUCCESS)
            }
            Action::Retry { these, data } => these.remedy(Remedy::Retry, &data).await,
            Action::Drop { these, data } => these.remedy(Remedy::Drop, &data).await,
            Action::Release { data } => {
                let (store, _lock) = open(&data, Access::Write, BUSY).await?;
                let said = if store.release_sends().await? { "sends go on" } else { "sends were not held" };
                eprintln!("{said}");
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl From<Which> for DeadFilter {
    fn from(which: Which) -> Self {
        Self { campaign_id: which.campaign, kind: which.kind }
    }
}

impl These {
    /// Sees to them, and says what came of it. Fails where a step that was named was not given up on.
    async fn remedy(self, remedy: Remedy, data: &DataArgs) -> Result<ExitCode, Failure> {
        let (store, _lock) = open(data, Access::Write, BUSY).await?;
        let now_ms = now_ms(&store).await?;
        let what = if remedy == Remedy::Retry { "scheduled again" } else { "dropped" };
        if self.all {
            let Remedied { steps, .. } =
                store.remedy_all_dead(None, self.which.into(), remedy, u64::MAX, now_ms).await?;
            eprintln!("{steps} {what}");
            return Ok(ExitCode::SUCCESS);
        }
        let done = store.remedy_dead(None, &self.ids, remedy, now_ms).await?;
        eprintln!("{} {what}", done.len());
        let mut code = ExitCode::SUCCESS;
        for id in self.ids.iter().filter(|id| !done.contains(id)) {
            eprintln!("step {id} is none that was given up on");
            code = ExitCode::FAILURE;
        }
        Ok(code)
    }
}

fn communication(step: &step::Model) -> Option<Uuid> {
    step.subject_id.filter(|_| step.kind == StepKind::Deliver.as_str())
}

fn as_json(steps: &[step::Model]) -> Value {
    let step = |step: &step::Model| {
        json!({
            "id": step.id,
            "kind": step.kind,
            "tenant_id": step.tenant_id,
            "campaign_id": step.campaign_id,
            "contact_id": step.contact_id,
            "communication_id": communication(step),
            "attempts": step.attempt,
            "crashes": step.crashes,
            "due_at": rfc3339(step.due_at_ms),
            "given_up_at": step.finished_at_ms.map(rfc3339),
            "last_error": step.last_error,
        })
    };
    steps.iter().map(step).collect()
}

/// A line each, in columns that are as wide as they have to be.
fn print_table(steps: &[step::Model]) {
    let head = ["id", "kind", "campaign", "contact", "communication", "attempts", "crashes", "due", "last error"];
    let mut rows = vec![head.map(str::to_owned)];
    let id = |id: Option<Uuid>| id.map_or("-".to_owned(), |id| id.to_string());
    rows.extend(steps.iter().map(|step| {
        let error = step.last_error.as_deref().unwrap_or("-");
        [
            step.id.to_string(),
            step.kind.clone(),
            step.campaign_id.to_string(),
            id(step.contact_id),
            id(communication(step)),
            step.attempt.to_string(),
            step.crashes.to_string(),
            rfc3339(step.due_at_ms),
            error.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(200).collect(),
        ]
    }));
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        print(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
