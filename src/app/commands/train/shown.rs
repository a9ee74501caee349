//! How far learning is, for people: a bar, and a line after each round of fine-tuning, also where
//! nobody sees a bar.

use consultant_core::ports::TuningProgress;
use indicatif::ProgressBar;

use crate::{
    commands::playbook::bar,
    evaluation::intent::{Pass, Progress},
    output,
};

/// What people see.
pub(super) struct Shown {
    bar: ProgressBar,
    /// Programs are told nothing before the end.
    is_silent: bool,
    /// The last round of fine-tuning that was begun.
    begun: Option<(Pass, u16)>,
}

impl Shown {
    pub(super) fn new(json: bool) -> Self {
        Self {
            bar: bar(json),
            is_silent: json,
            begun: None,
        }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        let (done, all) = match progress {
            Progress::Encoded(done, all) => (done, all),
            Progress::Tuning(pass, it, left) => {
                let begun = Some((pass, it.round));
                if begun != self.begun && !self.is_silent {
                    let line = line(pass, &it, left.as_secs());
                    self.bar.suspend(|| output::note(&line));
                }
                self.begun = begun;
                (it.batches_done, it.batches)
            }
        };
        self.bar.set_length(u64::try_from(all).unwrap_or_default());
        self.bar
            .set_position(u64::try_from(done).unwrap_or_default());
    }

    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// What is told where a round begins.
fn line(pass: Pass, it: &TuningProgress, seconds_left: u64) -> String {
    let of_what = match pass {
        Pass::Judged => "",
        Pass::Whole => " with all texts",
    };
    let right = it.accuracy.map_or_else(String::new, |it| {
        format!(", {:.1}% right of those held back", it * 100.0)
    });
    format!(
        "fine-tuning{of_what}, round {}: loss {:.3}{right}; about {} min left\n",
        it.round,
        it.loss,
        seconds_left.div_ceil(60)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_round_loss_what_was_right_and_the_time_left() {
        let progress = TuningProgress {
            round: 3,
            loss: 0.71234,
            accuracy: Some(0.925),
            ..TuningProgress::default()
        };
        assert_eq!(
            line(Pass::Judged, &progress, 61),
            "fine-tuning, round 3: loss 0.712, 92.5% right of those held back; about 2 min left\n"
        );
    }
}
