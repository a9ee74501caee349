//! The functions of a script, one tree each: the engine's walk over a whole script does not say
//! in which function it is.

use rhai::{AST, ASTNode, Expr, FnAccess, FnCallExpr, Position, Stmt};

use super::tokens::Head;
use crate::loader::Script;

/// One function, or what stands outside of all.
pub(super) struct Body {
    /// `None` for a closure, and for what stands outside of all functions.
    pub(super) name: Option<String>,
    pub(super) parameters: Vec<String>,
    pub(super) is_private: bool,
    tree: AST,
}

/// What stands outside of all functions, then each function and closure.
pub(super) fn bodies(script: &Script) -> Vec<Body> {
    let outside = Body {
        name: None,
        parameters: Vec::new(),
        is_private: true,
        tree: script.ast.clone_statements_only(),
    };
    let functions = script.ast.clone_functions_only();
    let inside = script.ast.iter_functions().map(|function| {
        let (name, arity) = (function.name, function.params.len());
        let mut tree = functions.clone();
        tree.retain_functions(|_, _, other, values| other == name && values == arity);
        let parameters = function.params.iter();
        Body {
            name: Some(name.to_owned()).filter(|name| !name.contains('$')),
            parameters: parameters.map(ToString::to_string).collect(),
            is_private: function.access == FnAccess::Private,
            tree,
        }
    });
    [outside].into_iter().chain(inside).collect()
}

impl Body {
    /// The name and head of a named function.
    pub(super) fn head<'a>(&self, heads: &'a [Head]) -> Option<&'a Head> {
        let name = self.name.as_deref()?;
        heads
            .iter()
            .find(|head| head.name == name && head.parameters.len() == self.parameters.len())
    }

    /// Its statements in order, not those inside of them.
    pub(super) fn statements(&self, mut each: impl FnMut(&Stmt)) {
        self.tree.walk(&mut |path: &[ASTNode<'_>]| {
            if let [ASTNode::Stmt(statement)] = path {
                each(statement);
            }
            true
        });
    }

    /// Everything that it uses by name.
    pub(super) fn uses(&self, mut each: impl FnMut(Use<'_>)) {
        self.tree.walk(&mut |path: &[ASTNode<'_>]| {
            node_uses(path, &mut each);
            true
        });
    }
}

/// Something that is used by its name.
pub(super) enum Use<'a> {
    Call(&'a FnCallExpr),
    /// A variable or constant, and the module that it is taken from.
    Variable {
        name: &'a str,
        module: Option<&'a str>,
    },
}

fn node_uses(path: &[ASTNode<'_>], each: &mut impl FnMut(Use<'_>)) {
    match path.last() {
        Some(ASTNode::Stmt(Stmt::FnCall(call, _))) => each(Use::Call(call)),
        // The engine's own walk leaves out the value of `break`.
        Some(ASTNode::Stmt(Stmt::BreakLoop(Some(value), ..))) => {
            value.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                if let Some(ASTNode::Expr(expression)) = path.last() {
                    expression_uses(expression, each);
                }
                true
            });
        }
        Some(ASTNode::Expr(expression)) => expression_uses(expression, each),
        _ => {}
    }
}

fn expression_uses(expression: &Expr, each: &mut impl FnMut(Use<'_>)) {
    match expression {
        Expr::FnCall(call, _) | Expr::MethodCall(call, _) => each(Use::Call(call)),
        Expr::Variable(variable, ..) => each(Use::Variable {
            name: variable.1.as_str(),
            module: variable.2.path.first().map(rhai::Ident::as_str),
        }),
        _ => {}
    }
}

/// The place of a parameter, if it is written anywhere.
pub(super) fn parameter_place(head: &Head, name: &str) -> Option<Position> {
    let mut parameters = head.parameters.iter();
    parameters
        .find(|(other, _)| other == name)
        .map(|(_, at)| *at)
}
