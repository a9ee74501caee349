//! Fine-tuning of an encoder of two small layers, written on the spot.

use std::{fs, path::PathBuf};

use candle_core::{Device, Tensor, safetensors};
use consultant_core::ports::{TuningEnd, TuningSettings};
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    bert::{Batch, Bert},
    fixture,
    ops::values,
};

const TEXTS: [TunedText<'_>; 8] = [
    text("how much the lamp", "price"),
    text("the price the desk", "price"),
    text("the cost chair", "price"),
    text("how much cost the desk", "price"),
    text("when arrive the lamp", "delivery"),
    text("when deliver chair", "delivery"),
    text("send the desk", "delivery"),
    text("deliver the lamp when", "delivery"),
];
const HELD_BACK: [TunedText<'_>; 2] = [text("price lamp", "price"), text("send chair", "delivery")];

const fn text(text: &'static str, category: &'static str) -> TunedText<'static> {
    TunedText { text, category }
}

/// A folder with an encoder, and room for another.
struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        fixture::write(&room.base());
        room
    }

    fn base(&self) -> PathBuf {
        self.0.path().join("tiny")
    }

    fn out(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn tune(&self, out: &str, settings: TuningSettings) -> Result<Tuned, TuningError> {
        self.tune_watched(out, settings, &mut |_| TuningPace::GoOn(0.0))
    }

    fn tune_watched(
        &self,
        out: &str,
        settings: TuningSettings,
        watch: &mut dyn FnMut(&TuningProgress) -> TuningPace,
    ) -> Result<Tuned, TuningError> {
        let task = Tuning {
            base: &self.base(),
            out: &self.out(out),
            learned: &TEXTS,
            held_back: &HELD_BACK,
            settings,
        };
        BertTrainer.tune(&task, watch)
    }

    /// What an encoder in this room makes of a text.
    fn vector(&self, name: &str, text: &str) -> Vec<f32> {
        let base = Base::read(&self.out(name)).unwrap();
        let tokens = base.tokens(&[text]).unwrap();
        let batch = Batch::of(tokens.iter().map(Vec::as_slice));
        let parameters = base.parameters(1.0).unwrap();
        let bert = Bert::new(&base.shape, &parameters, &batch, false).unwrap();
        values(&bert.forward(&batch, None).unwrap()).unwrap()
    }

    /// How near two texts are for an encoder in this room.
    fn near(&self, name: &str, left: &str, right: &str) -> f32 {
        let (left, right) = (self.vector(name, left), self.vector(name, right));
        left.iter().zip(&right).map(|(a, b)| a * b).sum()
    }

    #[track_caller]
    fn refused(&self) -> String {
        let error = self.tune("tuned", quick()).unwrap_err().to_string();
        assert!(!self.out("tuned").exists());
        error.replace(&self.0.path().display().to_string(), "ROOM")
    }
}

fn quick() -> TuningSettings {
    TuningSettings {
        rounds: 12,
        batch: 4,
        rate: 3e-3,
        doubt: 0.0,
        patience: 12,
        ..TuningSettings::default()
    }
}

#[test]
fn what_is_trained_computes_what_is_served() {
    use candle_nn::VarBuilder;
    use candle_transformers::models::bert::{BertModel, Config};

    let room = Room::new();
    let config: Config = serde_json::from_value(fixture::config()).unwrap();
    let weights = fs::read(room.base().join("model.safetensors")).unwrap();
    let weights =
        VarBuilder::from_buffered_safetensors(weights, candle_core::DType::F32, &Device::Cpu);
    let served = BertModel::load(weights.unwrap(), &config).unwrap();
    for text in [
        "how much the lamp",
        "desk",
        "",
        "when arrive the chair lamp",
    ] {
        let base = Base::read(&room.base()).unwrap();
        let tokens = base.tokens(&[text]).unwrap().concat();
        let tokens = Tensor::new(tokens, &Device::Cpu)
            .unwrap()
            .unsqueeze(0)
            .unwrap();
        let kinds = tokens.zeros_like().unwrap();
        let rows = served.forward(&tokens, &kinds, None).unwrap();
        let mean = values(&rows.mean(1).unwrap()).unwrap();
        let length = mean.iter().map(|it| it * it).sum::<f32>().sqrt();
        let ours = room.vector("tiny", text);
        let far = mean.iter().zip(&ours).map(|(a, b)| (a / length - b).abs());
        assert!(far.fold(0.0, f32::max) < 1e-5, "{text}");
    }
}

#[test]
fn texts_of_one_category_come_together_and_others_go_apart() {
    let room = Room::new();
    let task = Tuning {
        base: &room.base(),
        out: &room.out("tuned"),
        learned: &TEXTS,
        held_back: &[],
        settings: TuningSettings {
            rounds: 40,
            rate: 1e-3,
            dropout: 0.0,
            ..quick()
        },
    };
    let tuned = BertTrainer.tune(&task, &mut |_| TuningPace::GoOn(0.0));
    let rounds = tuned.unwrap().rounds;
    // With a tenth of the certainty spread over both, no loss is below 0.1985; and vectors that are
    // this far apart are far enough.
    assert!(rounds[39].loss < 0.21, "{rounds:?}");
    let gap = |name: &str| {
        let near = |others: &[TunedText<'_>]| {
            let all = others
                .iter()
                .map(|it| room.near(name, TEXTS[0].text, it.text));
            all.sum::<f32>()
        };
        // Three of its own category, and three of the other.
        (near(&TEXTS[1..4]) - near(&TEXTS[4..7])) / 3.0
    };
    let (before, after) = (gap("tiny"), gap("tuned"));
    assert!(after > before + 0.05, "{before} {after} {rounds:?}");
}

#[test]
fn the_folder_is_an_encoder_with_a_name_of_its_own_and_tells_how_it_came_about() {
    let room = Room::new();
    let tuned = room.tune("tuned", quick()).unwrap();
    let other = room
        .tune("other", TuningSettings { seed: 2, ..quick() })
        .unwrap();
    assert!(
        tuned.name.starts_with("tiny-") && tuned.name != other.name,
        "{}",
        tuned.name
    );
    let record = fs::read(room.out("tuned").join("training.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["name"], json!(tuned.name));
    assert_eq!(
        (&record["texts"], &record["held_back"]),
        (&json!(8), &json!(2))
    );
    assert_eq!(record["settings"]["rounds"], json!(12));
    assert_eq!(record["base"]["name"], json!("tiny"));
    assert_ne!(record["base"]["weights_sha256"], record["weights_sha256"]);
    // What is not learned is handed on, and all that was there is there.
    let weights = |name: &str| {
        safetensors::load(room.out(name).join("model.safetensors"), &Device::Cpu).unwrap()
    };
    let (before, after) = (weights("tiny"), weights("tuned"));
    assert_eq!(before.len(), after.len());
    let handed_on = |tensor: &Tensor| values(tensor).unwrap();
    let unused = "pooler.dense.weight";
    assert_eq!(handed_on(&before[unused]), handed_on(&after[unused]));
    let left: Vec<_> = fs::read_dir(room.0.path()).unwrap().collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn of_what_few_texts_teach_only_a_share_is_kept() {
    let room = Room::new();
    drop(room.tune("all", quick()).unwrap());
    // Four texts of each category.
    drop(
        room.tune(
            "half",
            TuningSettings {
                doubt: 4.0,
                ..quick()
            },
        )
        .unwrap(),
    );
    let weights = |name: &str| {
        let file = room.out(name).join("model.safetensors");
        let all = safetensors::load(file, &Device::Cpu).unwrap();
        values(&all["encoder.layer.0.output.dense.weight"]).unwrap()
    };
    let (before, all, half) = (weights("tiny"), weights("all"), weights("half"));
    for ((before, all), half) in before.iter().zip(&all).zip(&half) {
        assert!((f32::midpoint(*before, *all) - half).abs() < 1e-6);
    }
    assert_ne!(before, all);
}

#[test]
fn the_same_seed_learns_the_same() {
    let room = Room::new();
    let names = ["one", "two"].map(|out| room.tune(out, quick()).unwrap().name);
    assert_eq!(names[0], names[1]);
}

#[test]
fn who_stops_it_gets_the_best_so_far() {
    let room = Room::new();
    let mut seen = Vec::new();
    let tuned = room.tune_watched("tuned", quick(), &mut |progress| {
        seen.push((progress.round, progress.batches_done, progress.batches));
        if seen.len() < 3 {
            TuningPace::GoOn(0.0)
        } else {
            TuningPace::Stop
        }
    });
    let tuned = tuned.unwrap();
    assert_eq!(seen, [(1, 1, 24), (1, 2, 24), (2, 3, 24)]);
    assert_eq!((tuned.ended, tuned.rounds.len()), (TuningEnd::Stopped, 2));
    assert!(Base::read(&room.out("tuned")).is_ok());
}

#[test]
fn rounds_that_only_make_it_worse_end_it_and_a_state_before_them_is_kept() {
    let room = Room::new();
    // The better these are learned, the more of those that are held back are wrong.
    let other = |it: &str| if it == "price" { "delivery" } else { "price" };
    let held_back = TEXTS.map(|it| text(it.text, other(it.category)));
    let task = Tuning {
        base: &room.base(),
        out: &room.out("tuned"),
        learned: &TEXTS,
        held_back: &held_back,
        settings: TuningSettings {
            patience: 2,
            rounds: 40,
            ..quick()
        },
    };
    let tuned = BertTrainer.tune(&task, &mut |_| TuningPace::GoOn(0.0));
    let tuned = tuned.unwrap();
    assert_eq!(tuned.ended, TuningEnd::NothingBetter, "{tuned:?}");
    assert_eq!(
        tuned.rounds.len(),
        usize::from(tuned.round) + 2,
        "{tuned:?}"
    );
}

#[test]
fn a_loss_that_is_no_number_is_told_and_nothing_is_written() {
    let room = Room::new();
    let weights = room.base().join("model.safetensors");
    let mut tensors = safetensors::load(&weights, &Device::Cpu).unwrap();
    let name = "encoder.layer.1.output.dense.bias".to_owned();
    let broken = Tensor::full(f32::NAN, 16, &Device::Cpu).unwrap();
    tensors.insert(name, broken);
    safetensors::save(&tensors, &weights).unwrap();
    let told = "learning went astray: after batch 1 the loss is no number";
    assert_eq!(room.refused(), told);
}

#[rstest]
#[case(
    "config.json",
    b"{}",
    "`ROOM/tiny/config.json` cannot be used: missing field"
)]
#[case(
    "tokenizer.json",
    b"nothing",
    "`ROOM/tiny/tokenizer.json` cannot be used: "
)]
#[case(
    "model.safetensors",
    b"nothing",
    "`ROOM/tiny/model.safetensors` cannot be used: "
)]
fn a_wrong_file_is_named(#[case] file: &str, #[case] content: &[u8], #[case] told: &str) {
    let room = Room::new();
    fs::write(room.base().join(file), content).unwrap();
    let refused = room.refused();
    assert!(refused.starts_with(told), "{refused}");
    fs::remove_file(room.base().join(file)).unwrap();
    let refused = room.refused();
    assert!(
        refused.contains(&format!("{file}` cannot be read: ")),
        "{refused}"
    );
}

#[rstest]
#[case("hidden_act", json!("relu"), "its activation is `relu`, and only `gelu` is trained here")]
#[case("num_attention_heads", json!(3), "16 numbers cannot be shared by 3 heads")]
#[case("num_attention_heads", json!(0), "16 numbers cannot be shared by 0 heads")]
#[case("position_embedding_type", json!("relative_key"), "only absolute places are trained here")]
fn an_encoder_of_another_kind_is_told(#[case] key: &str, #[case] value: Value, #[case] why: &str) {
    let room = Room::new();
    let mut config = fixture::config();
    config[key] = value;
    fs::write(room.base().join("config.json"), config.to_string()).unwrap();
    let expect = format!("`ROOM/tiny/config.json` cannot be used: {why}");
    assert_eq!(room.refused(), expect);
}

#[rstest]
#[case("num_hidden_layers", json!(3), "it has no tensor `encoder.layer.2.attention.self.query.weight`")]
#[case("hidden_size", json!(32), "`embeddings.word_embeddings.weight` is [16, 16], not [16, 32]")]
fn weights_that_do_not_fit_the_config_are_told(
    #[case] key: &str,
    #[case] value: Value,
    #[case] why: &str,
) {
    let room = Room::new();
    let mut config = fixture::config();
    config[key] = value;
    fs::write(room.base().join("config.json"), config.to_string()).unwrap();
    let expect = format!("`ROOM/tiny/model.safetensors` cannot be used: {why}");
    assert_eq!(room.refused(), expect);
}

#[test]
fn a_folder_that_is_there_and_too_few_categories_are_told_before_anything_is_learned() {
    let room = Room::new();
    fs::create_dir(room.out("tuned")).unwrap();
    let told = room.tune("tuned", quick()).unwrap_err().to_string();
    assert!(
        told.ends_with("cannot be written: it is there already"),
        "{told}"
    );
    let task = Tuning {
        base: &room.base(),
        out: &room.out("new"),
        learned: &TEXTS[..2],
        held_back: &[],
        settings: quick(),
    };
    let told = BertTrainer
        .tune(&task, &mut |_| TuningPace::Stop)
        .unwrap_err();
    assert!(matches!(told, TuningError::TooFewCategories(1)), "{told}");
}

#[test]
fn without_texts_that_are_held_back_the_last_state_is_kept() {
    let room = Room::new();
    let task = Tuning {
        base: &room.base(),
        out: &room.out("tuned"),
        learned: &TEXTS,
        held_back: &[],
        settings: TuningSettings {
            rounds: 2,
            patience: 1,
            ..quick()
        },
    };
    let tuned = BertTrainer
        .tune(&task, &mut |_| TuningPace::GoOn(0.0))
        .unwrap();
    assert_eq!((tuned.round, tuned.rounds[1].accuracy), (2, None));
}
