//! Deals units to shards so that all have about as much to do: the largest unit first, to whom has least.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Shards of units, by the places of the units in `costs`. The same costs give the same shards.
///
/// No shard costs more than 4/3 of the best deal (Graham 1969). Units of one cost are dealt in their order, so that neighbours,
/// which share what they read, mostly stay together. Where there are more shards than units some have none.
pub fn deal(costs: &[u64], shards: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    let cost = |unit: usize| costs.get(unit).copied().unwrap_or(0);
    order.sort_by_key(|unit| (Reverse(cost(*unit)), *unit));
    let mut least: BinaryHeap<Reverse<(u64, usize)>> =
        (0..shards).map(|shard| Reverse((0, shard))).collect();
    // Which shards have how many units of a cost is what the deal decides; which of these units is free.
    let mut slots: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for unit in order {
        let Some(Reverse((load, shard))) = least.pop() else {
            return Vec::new();
        };
        slots.entry(cost(unit)).or_default().push(shard);
        least.push(Reverse((load.saturating_add(cost(unit)), shard)));
    }
    for shards in slots.values_mut() {
        shards.sort_unstable_by(|one, other| other.cmp(one));
    }
    let mut dealt = vec![Vec::new(); shards];
    for (unit, cost) in costs.iter().enumerate() {
        let shard = slots.get_mut(cost).and_then(Vec::pop);
        if let Some(own) = shard.and_then(|shard| dealt.get_mut(shard)) {
            own.push(unit);
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_of_one_cost_stay_together() {
        assert_eq!(deal(&[5; 6], 3), [[0, 1], [2, 3], [4, 5]]);
        assert_eq!(deal(&[1, 9, 1, 1], 2), [vec![1], vec![0, 2, 3]]);
        assert_eq!(deal(&[], 2), [[0; 0], []]);
        assert_eq!(deal(&[1], 0), Vec::<Vec<usize>>::new());
    }

    proptest! {
        #[test]
        fn every_unit_is_dealt_once_and_loads_are_even(
            costs in prop::collection::vec(1_u64..1000, 1..60),
            shards in 1_usize..12,
        ) {
            let dealt = deal(&costs, shards);
            let mut all: Vec<usize> = dealt.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..costs.len()).collect::<Vec<_>>());
            let loads: Vec<u64> = dealt.iter().map(|own| own.iter().map(|unit| costs[*unit]).sum()).collect();
            let (most, largest) = (*loads.iter().max().unwrap(), *costs.iter().max().unwrap());
            let wide = u64::try_from(shards).unwrap();
            // The even share, and at most one unit more.
            prop_assert!(most * wide <= costs.iter().sum::<u64>() + largest * wide, "{:?}", loads);
        }
    }
}
