//! The probe passes a model that keeps its promises, and finds each promise that is broken.

use std::sync::Arc;

use super::{
    About, CHECKS, Outcome, Report,
    double::{Double, Fault},
    examine,
    subject::Subject,
};

const QUEUE_LIMIT: usize = 3;

async fn report_on(fault: Fault) -> Report {
    let model = Arc::new(Double::new(fault, QUEUE_LIMIT));
    examine(&Subject::new(model, QUEUE_LIMIT), |_| ()).await
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report.checks.iter().filter(|outcome| !outcome.passed);
    failed.map(|outcome| outcome.name).collect()
}

/// Which checks fail over which broken promise.
const FOUND: &[(Fault, &[&str])] = &[
    (Fault::None, &[]),
    (
        Fault::StopsInsteadOfLength,
        &["length_limit", "choice_cut_off"],
    ),
    (
        Fault::WritesMoreThanItsLimit,
        &["length_limit", "exact_length"],
    ),
    (Fault::WritesNoWords, &["exact_length"]),
    (
        Fault::ForgetsTheTime,
        &["time_limit", "time_limit_in_queue"],
    ),
    (
        Fault::IsRestless,
        &["greedy_repeats", "warm_start", "side_by_side"],
    ),
    (Fault::ForgetsSeeds, &["seed_repeats"]),
    (Fault::IgnoresSeeds, &["seeds_differ"]),
    (Fault::IsChangedByWarming, &["warm_start"]),
    (
        Fault::RewordsChoices,
        &["choice_in_chinese", "choice_of_odd_letters"],
    ),
    (
        Fault::ChoosesByItself,
        &[
            "choice",
            "choice_in_chinese",
            "choice_of_odd_letters",
            "choice_cut_off",
        ],
    ),
    (Fault::LeavesOutAKey, &["json_schema"]),
    (
        Fault::NeverEndsForms,
        &[
            "choice",
            "choice_in_chinese",
            "choice_of_odd_letters",
            "json_schema",
        ],
    ),
    (
        Fault::IsCertainBeyondAll,
        &["score", "likely_scores_higher"],
    ),
    (Fault::ScoresNotANumber, &["score", "likely_scores_higher"]),
    (Fault::ForgetsAScore, &["score", "likely_scores_higher"]),
    (Fault::FindsAllAlike, &["likely_scores_higher"]),
    (Fault::IsChangedByCompany, &["side_by_side"]),
    (Fault::NeverCancels, &["drop_cancels"]),
    (Fault::IsNeverBusy, &["full_queue_is_busy"]),
    (Fault::NamesAnotherLimit, &["full_queue_is_busy"]),
    (Fault::HasLessRoom, &["full_queue_is_busy"]),
    (Fault::ScoresPastTheQueue, &["full_queue_is_busy"]),
    (Fault::StaysBusy, &["full_queue_is_busy"]),
    (Fault::TakesAnything, &["refuses_the_impossible"]),
    (Fault::FailsTheImpossible, &["refuses_the_impossible"]),
];

/// On a clock that only goes on when all wait, so that a busy machine changes no judgement.
#[tokio::test(start_paused = true)]
async fn each_broken_promise_is_found_and_nothing_else_is() {
    for (fault, expected) in FOUND {
        let report = report_on(*fault).await;
        assert_eq!(failed(&report), *expected, "{fault:?}: {report:#?}");
        assert_eq!(report.passed, expected.is_empty(), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_gives_no_text_or_no_end_fails_whatever_asks_for_one() {
    let faults = [Fault::Fails, Fault::BreaksOff, Fault::SpeaksAfterItsEnd];
    for fault in faults {
        let report = report_on(fault).await;
        let failed = failed(&report);
        for check in ["length_limit", "seed_repeats", "choice", "drop_cancels"] {
            assert!(failed.contains(&check), "{check}: {report:#?}");
        }
        assert!(!failed.contains(&"score"), "{report:#?}");
    }
}

#[test]
fn names_are_unique_and_fit_their_column() {
    let mut names: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
    assert!(names.iter().all(|name| name.len() <= 23), "{names:?}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), CHECKS.len());
}

/// A report of two checks, in which these failed.
fn report(failed: &[&str]) -> Report {
    let outcome = |name: &'static str, about: About| Outcome {
        name,
        about,
        passed: !failed.contains(&name),
        seen: format!("what was seen of {name}"),
        took_ms: 12,
    };
    let checks = vec![
        outcome("length_limit", About::Port),
        outcome("likely_scores_higher", About::Wit),
    ];
    Report {
        model: "double".to_owned(),
        passed: failed.is_empty(),
        checks,
    }
}

#[test]
fn people_read_a_line_a_check_and_what_it_means() {
    let lines = |report: &Report| {
        let lines = report.checks.iter().map(Outcome::line);
        lines.chain([report.summary()]).collect::<String>()
    };
    insta::assert_snapshot!(lines(&report(&[])), @r"
    ok   length_limit            what was seen of length_limit (12 ms)
    ok   likely_scores_higher    what was seen of likely_scores_higher (12 ms)
    double: all 2 checks passed
    ");
    insta::assert_snapshot!(
        report(&["likely_scores_higher"]).summary(),
        @"double: 1 of 2 checks failed. It runs as it should, but writes no sense: name another model in model.path"
    );
    insta::assert_snapshot!(lines(&report(&["length_limit", "likely_scores_higher"])), @r"
    FAIL length_limit            what was seen of length_limit (12 ms)
    FAIL likely_scores_higher    what was seen of likely_scores_higher (12 ms)
    double: 2 of 2 checks failed. The product relies on them: do not serve with this model, build and machine
    ");
}

#[test]
fn programs_read_what_people_do() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&report(&["likely_scores_higher"])).unwrap(), @r#"
    {
      "model": "double",
      "passed": false,
      "checks": [
        {
          "name": "length_limit",
          "about": "port",
          "passed": true,
          "seen": "what was seen of length_limit",
          "took_ms": 12
        },
        {
          "name": "likely_scores_higher",
          "about": "wit",
          "passed": false,
          "seen": "what was seen of likely_scores_higher",
          "took_ms": 12
        }
      ]
    }
    "#);
}
