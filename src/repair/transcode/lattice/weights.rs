//! How much weight each way through the lattice has, and how sure that makes a lost character.

use std::ops::Range;

use super::{Edge, Lattice};
use crate::edit::Bits;

/// The part of the model's bits that counts in a posterior. Neighbouring pairs tell the
/// same thing twice, so the model is too sure of itself: with all bits, 93 to 98 % of the
/// characters filled at 0.99 were right after strict decoders.
const CALIBRATION: (i32, i32) = (7, 8);

/// Characters that mean something else and stand in the same places: 七个工作日 is as good a text
/// as 一个工作日, though it is written less often. Of what the model knows to tell them apart, half
/// counts.
const KIN: [&str; 4] =
    ["〇零一二三四五六七八九十百千万萬两兩", "吗呢吧啊呀嘛啦嗎", "他她它", "东西南北東"];

/// How much weight the ways over some edges have, relative within each step.
#[derive(Default)]
pub(super) struct Weights {
    pub(super) steps: Range<usize>,
    /// The first of their edges.
    first: usize,
    edges: Vec<f64>,
}

impl Weights {
    /// The weight of an edge.
    pub(super) fn of(&self, edge: usize) -> f64 {
        self.edges[edge - self.first]
    }
}

impl Lattice {
    /// How much of the weight of a step's edges emits `character` as its `at`th.
    pub(super) fn posterior(
        &self,
        step: usize,
        at: usize,
        character: char,
        weights: &Weights,
    ) -> f32 {
        let kin = KIN.iter().find(|kin| kin.contains(character));
        let (mut same, mut all, mut of_kin) = (0.0, 0.0, 0.0);
        for edge in self.edges_of(step) {
            let weight = weights.of(edge);
            all += weight;
            match self.edges[edge].emitted.characters().get(at) {
                Some(&other) if other == character => same += weight,
                Some(&other) if kin.is_some_and(|kin| kin.contains(other)) => of_kin += weight,
                _ => {}
            }
        }
        // of a rival's weight, a fraction of the chosen one's, the root is more
        let rivals = of_kin.max((of_kin * same).sqrt());
        (same / (all - of_kin + rivals)) as f32
    }

    /// The weight of all ways over each edge, relative within its step: forward–backward, between
    /// the steps nearest to this one that have one node, which all ways go through.
    pub(super) fn weights_around(&self, step: usize) -> Weights {
        let is_single = |&step: &usize| self.nodes_of(step).len() == 1;
        let first = (0..step).rev().find(is_single).unwrap_or(0);
        let last = (step..self.steps.len()).find(is_single).unwrap_or(self.steps.len() - 1);
        let steps = first + 1..last + 1;
        let nodes = self.nodes_of(first).start..self.nodes_of(last).end;
        let edges = self.edges_of(first + 1).start..self.edges_of(last).end;
        let mut forward = vec![0.0; nodes.len()];
        let mut backward = vec![0.0; nodes.len()];
        let cost = |edge: &Edge| probability(edge.cost);
        let mut weights: Vec<f64> = self.edges[edges.clone()].iter().map(cost).collect();
        let ends = |edge: usize| {
            let Edge { from, to, .. } = self.edges[edge];
            [from, to].map(|node| node as usize - nodes.start)
        };
        let of_step = |step| {
            let Range { start, end } = self.nodes_of(step);
            start - nodes.start..end - nodes.start
        };
        forward[of_step(first)].fill(1.0);
        for step in steps.clone() {
            for edge in self.edges_of(step) {
                let [from, to] = ends(edge);
                forward[to] += forward[from] * weights[edge - edges.start];
            }
            normalize(&mut forward[of_step(step)]);
        }
        for at in of_step(last) {
            backward[at] = probability(self.end_cost(nodes.start + at));
        }
        for step in steps.clone().rev() {
            for edge in self.edges_of(step) {
                let [from, to] = ends(edge);
                let weight = &mut weights[edge - edges.start];
                backward[from] += backward[to] * *weight;
                *weight *= forward[from] * backward[to];
            }
            normalize(&mut backward[of_step(step - 1)]);
        }
        Weights { steps, first: edges.start, edges: weights }
    }
}

/// The probability that a way has for its cost, as far as the model is to be believed.
pub fn probability(cost: i32) -> f64 {
    Bits(-(cost.max(0) / CALIBRATION.1 * CALIBRATION.0)).odds()
}

fn normalize(weights: &mut [f64]) {
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
}
