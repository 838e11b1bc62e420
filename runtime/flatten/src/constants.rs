//! Globals that never change, and the offsets that are made of them.

use std::collections::HashMap;

use wasmparser::{ConstExpr, Operator};

use crate::error::{Result, unsupported};
use crate::link::{Definition, Linked};
use crate::live::Live;
use crate::module::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Constant {
    I32(i32),
    I64(i64),
}

/// The value of each global: for ever where nothing live writes it, at the beginning for the others.
pub(crate) struct Globals<'a> {
    initial: HashMap<Definition<'a>, Constant>,
    /// Those that are written, in the order of their definition.
    pub(crate) mutable: Vec<Definition<'a>>,
}

impl<'a> Globals<'a> {
    pub(crate) fn find(linked: &Linked<'_, 'a>, live: &Live<'a>) -> Result<Self> {
        let mut globals = Self { initial: HashMap::new(), mutable: Vec::new() };
        for &instance in &linked.merged {
            for (definition, global) in
                linked.own(instance, Kind::Global)?.iter().zip(&linked.module(instance)?.globals)
            {
                let value = globals.evaluate(&global.init_expr, linked.space(instance, Kind::Global))?;
                globals.initial.insert(*definition, value);
                if live.is_written(definition) {
                    globals.mutable.push(*definition);
                }
            }
        }
        Ok(globals)
    }

    /// The value that a constant expression has in a module with those globals. It may read globals that are written later:
    /// it is evaluated at the beginning.
    pub(crate) fn evaluate(&self, expression: &ConstExpr<'_>, space: &[Definition<'a>]) -> Result<Constant> {
        let mut stack = Vec::new();
        for operator in expression.get_operators_reader() {
            let value = match operator? {
                Operator::I32Const { value } => Constant::I32(value),
                Operator::I64Const { value } => Constant::I64(value),
                Operator::GlobalGet { global_index } => self.initial(&space[global_index as usize])?,
                operator @ (Operator::I32Add | Operator::I32Sub) => {
                    let (Some(Constant::I32(right)), Some(Constant::I32(left))) = (stack.pop(), stack.pop()) else {
                        return unsupported(format!("{operator:?} of what is no pair of 32-bit numbers"));
                    };
                    let sum = if matches!(operator, Operator::I32Add) { i32::wrapping_add } else { i32::wrapping_sub };
                    Constant::I32(sum(left, right))
                }
                Operator::End => continue,
                other => return unsupported(format!("{other:?} in a constant expression")),
            };
            stack.push(value);
        }
        match stack.as_slice() {
            [value] => Ok(*value),
            _ => unsupported("a constant expression that does not come to one value"),
        }
    }

    /// The same for an offset into a table or a memory.
    pub(crate) fn offset(&self, expression: &ConstExpr<'_>, space: &[Definition<'a>]) -> Result<i32> {
        match self.evaluate(expression, space)? {
            Constant::I32(offset) => Ok(offset),
            Constant::I64(_) => unsupported("an offset of 64 bits"),
        }
    }

    pub(crate) fn initial(&self, global: &Definition<'a>) -> Result<Constant> {
        match self.initial.get(global) {
            Some(value) => Ok(*value),
            None => unsupported("a global that comes from outside the merged modules"),
        }
    }
}
