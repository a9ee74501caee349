//! What the crate is for: from one encoder's folder to another's.

use std::collections::{BTreeMap, BTreeSet};

use consultant_core::ports::{
    EncoderTrainer, Tuned, TunedText, Tuning, TuningError, TuningPace, TuningProgress,
};

use crate::{
    base::Base,
    course::{Course, Texts},
    folder,
};

/// Fine-tunes encoders that are BERTs, as the default one is.
#[derive(Clone, Copy, Debug, Default)]
pub struct BertTrainer;

impl EncoderTrainer for BertTrainer {
    fn tune(
        &self,
        task: &Tuning<'_>,
        watch: &mut dyn FnMut(&TuningProgress) -> TuningPace,
    ) -> Result<Tuned, TuningError> {
        // Told before anything is learned, because learning takes long.
        let beside = folder::beside(task.out)?;
        let categories = categories(task.learned)?;
        let base = Base::read(task.base)?;
        let learned = texts(&base, task.learned, &categories)?;
        let held_back = texts(&base, task.held_back, &categories)?;
        let parameters = base.parameters(task.settings.layer_decay)?;
        let course = Course::new(
            (&base.shape, &task.settings),
            (&learned, &held_back),
            parameters,
            categories.len(),
        )?;
        folder::write(task, &base, course.run(watch)?, &beside)
    }
}

/// The categories, each with its number.
fn categories<'a>(texts: &[TunedText<'a>]) -> Result<BTreeMap<&'a str, u32>, TuningError> {
    let names: BTreeSet<&str> = texts.iter().map(|it| it.category).collect();
    if names.len() < 2 {
        return Err(TuningError::TooFewCategories(names.len()));
    }
    Ok(names.into_iter().zip(0..).collect())
}

/// Texts as tokens. One whose category nothing is learned of can neither teach nor judge.
fn texts(
    base: &Base,
    texts: &[TunedText<'_>],
    categories: &BTreeMap<&str, u32>,
) -> Result<Texts, TuningError> {
    let known = texts
        .iter()
        .filter_map(|it| Some((it.text, *categories.get(it.category)?)));
    let (texts, categories): (Vec<&str>, Vec<u32>) = known.unzip();
    Ok(Texts {
        tokens: base.tokens(&texts)?,
        categories,
    })
}

#[cfg(test)]
mod tests;
