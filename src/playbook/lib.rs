//! Rhai playbooks: sandbox, script API, compiling, checking.
