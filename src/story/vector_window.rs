//! The vectors of the entries in the window, one behind the other → how near each is to a new one.
//!
//! Some entries are near to everything: a short headline, or one of common words (Radovanović et al. 2010). The *closeness*
//! of an entry is the mean of its highest cosines at its arrival, without the very highest, which may be its own story. A
//! cosine counts as far as it is above the closeness of both entries, as in CSLS (Conneau et al. 2018).
//!
//! The more entries there are, the higher is the highest cosine. So that a closeness means the same in a memory of one day
//! and of three, it is that to the latest entries only, always as many.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::day_counts::tree_bytes;
use super::placed_values::{Place, PlacedValues};
use super::sentence_vector::{SentenceVector, cosine_of};

/// The cosines of which closeness is the mean: from the second on.
const CLOSENESS_COSINES: usize = 10;
/// One more, and the highest.
const KEPT_COSINES: usize = CLOSENESS_COSINES + 1;

/// The number of latest entries that closeness is about, and those of the same minute as the last of them. (Measured: 200 to
/// 500 are alike.)
const CLOSENESS_ENTRIES: u32 = 300;

/// The share of both entries' closeness that a cosine loses.
const CLOSENESS_SHARE: f32 = 0.25;

/// The most that a cosine above the closeness counts: at this height the subject is the same, and more of it does not show
/// that the event is. (Measured: .55 to .65, and no bound, which joins more that is wrong.)
const SAME_SUBJECT: f32 = 0.6;

/// No member.
const NO_MEMBER: u32 = u32::MAX;

/// Where the vector of a member is.
pub(super) type VectorPlace = Place;

/// The vectors of the members.
#[derive(Debug, Clone, Default)]
pub(super) struct VectorWindow {
    places: PlacedValues<ListedVector>,
    /// The number of vectors of each minute.
    minutes: BTreeMap<Minute, u32>,
}

/// Minutes since 1970: exact enough to see which entries are the latest.
type Minute = u32;

fn minute_of(listed_at: Timestamp) -> Minute {
    Minute::try_from(listed_at.as_second() / 60).unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
struct ListedVector {
    minute: Minute,
    inverse_length: f32,
    vector: SentenceVector,
}

/// How near a vector is to those in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct VectorNeighbors {
    /// The closeness of the entry; 0 if it has ten neighbors or fewer.
    pub closeness: f32,
    /// The numbers of the nearest members, in no order: those whose cosines are above that of the one after them.
    pub nearest: Vec<u32>,
}

impl VectorWindow {
    /// Adds the vector of a member that was listed at this time.
    pub(super) fn insert(
        &mut self,
        vector: SentenceVector,
        number: u32,
        listed_at: Timestamp,
    ) -> VectorPlace {
        let (minute, inverse_length) = (minute_of(listed_at), vector.inverse_length());
        *self.minutes.entry(minute).or_default() += 1;
        self.places.insert(number, ListedVector { minute, inverse_length, vector })
    }

    /// Removes a vector.
    pub(super) fn remove(&mut self, place: VectorPlace) {
        if let Some(ListedVector { minute, .. }) = self.places.get(place).copied()
            && let Some(count) = self.minutes.get_mut(&minute)
        {
            *count -= 1;
            if *count == 0 {
                self.minutes.remove(&minute);
            }
        }
        self.places.remove(place);
    }

    /// The neighbors of a vector.
    pub(super) fn find_neighbors(&self, vector: &SentenceVector) -> VectorNeighbors {
        let own = vector.inverse_length();
        let first_minute = self.first_minute_of_latest();
        let (mut of_all, mut of_latest) = (HighestCosines::default(), HighestCosines::default());
        for (number, listed) in self.places.iter() {
            let cosine = cosine_of(vector.dot(&listed.vector), own, listed.inverse_length);
            of_all.add(cosine, number);
            if listed.minute >= first_minute {
                of_latest.add(cosine, number);
            }
        }
        VectorNeighbors { closeness: of_latest.closeness(), nearest: of_all.nearest() }
    }

    /// The minute of the first of the latest entries. It depends on nothing but which entries there are, so that it is the
    /// same after a restart.
    fn first_minute_of_latest(&self) -> Minute {
        let mut count = 0;
        let mut latest = self.minutes.iter().rev().map(|(minute, of_minute)| {
            count += of_minute;
            (*minute, count)
        });
        latest.find(|(_, count)| *count >= CLOSENESS_ENTRIES).map_or(0, |(minute, _)| minute)
    }

    /// The cosine of a vector and the one at a place.
    pub(super) fn cosine(&self, vector: &SentenceVector, place: VectorPlace) -> Option<f32> {
        let listed = self.places.get(place)?;
        let dot = vector.dot(&listed.vector);
        Some(cosine_of(dot, vector.inverse_length(), listed.inverse_length))
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.heap_bytes() + tree_bytes::<(Minute, u32)>(self.minutes.len())
    }
}

/// The highest cosines so far, with the numbers of the members, the highest first.
struct HighestCosines([(f32, u32); KEPT_COSINES]);

impl Default for HighestCosines {
    fn default() -> Self {
        Self([(f32::NEG_INFINITY, NO_MEMBER); KEPT_COSINES])
    }
}

impl HighestCosines {
    fn lowest(&self) -> f32 {
        self.0[KEPT_COSINES - 1].0
    }

    #[inline]
    fn add(&mut self, cosine: f32, number: u32) {
        if cosine > self.lowest() {
            let at = self.0.partition_point(|(higher, _)| *higher >= cosine);
            self.0[at..].rotate_right(1);
            self.0[at] = (cosine, number);
        }
    }

    /// The mean of all but the highest; 0 if there are too few. A sum of numbers in their order is the same, wherever they
    /// were.
    fn closeness(&self) -> f32 {
        let sum: f32 = self.0[1..].iter().map(|(cosine, _)| *cosine).sum();
        if self.lowest() > f32::NEG_INFINITY { sum / COSINES } else { 0.0 }
    }

    fn nearest(&self) -> Vec<u32> {
        let lowest = self.lowest();
        let above =
            self.0.iter().filter(|(cosine, number)| *number != NO_MEMBER && *cosine > lowest);
        above.map(|(_, number)| *number).collect()
    }
}

/// `CLOSENESS_COSINES` as a divisor.
const COSINES: f32 = 10.0;

/// What the cosine of two entries is worth, by their closeness.
pub(super) fn above_closeness(cosine: f32, one_closeness: f32, other_closeness: f32) -> f32 {
    (cosine - CLOSENESS_SHARE * (one_closeness + other_closeness)).min(SAME_SUBJECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector in the plane of the first two numbers.
    fn vector(x: i8, y: i8) -> SentenceVector {
        let mut bytes = [0; SentenceVector::BYTES];
        (bytes[0], bytes[1]) = (x.cast_unsigned(), y.cast_unsigned());
        SentenceVector::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn closeness_is_the_mean_of_the_second_to_the_eleventh_cosine() {
        let mut window = VectorWindow::default();
        let own = vector(100, 0);
        for number in 0..10 {
            window.insert(vector(0, 100), number, Timestamp::UNIX_EPOCH);
            assert!(window.find_neighbors(&own).closeness.abs() < 1e-6, "{} neighbors", number + 1);
        }
        window.insert(own, 10, Timestamp::UNIX_EPOCH);
        let neighbors = window.find_neighbors(&own);
        assert_eq!((neighbors.closeness, neighbors.nearest), (0.0, vec![10]));
        for number in 11..16 {
            window.insert(own, number, Timestamp::UNIX_EPOCH);
        }
        let neighbors = window.find_neighbors(&own);
        assert!((neighbors.closeness - 0.5).abs() < 1e-6, "{neighbors:?}");
        assert_eq!(neighbors.nearest.len(), 6);
        let far = window.find_neighbors(&vector(-100, 0)).nearest;
        assert_eq!(far.len(), 10, "the others are all at the distance of the eleventh");
    }

    #[test]
    fn what_was_removed_is_no_neighbor() {
        let mut window = VectorWindow::default();
        let places: Vec<VectorPlace> = (0..200)
            .map(|number| window.insert(vector(50, 50), number, Timestamp::UNIX_EPOCH))
            .collect();
        let full = window.heap_bytes();
        for place in &places[..195] {
            window.remove(*place);
        }
        assert!(window.find_neighbors(&vector(1, 1)).closeness.abs() < 1e-6, "five are left");
        for number in 300..306 {
            window.insert(vector(50, 50), number, Timestamp::UNIX_EPOCH);
        }
        assert!((window.find_neighbors(&vector(1, 1)).closeness - 1.0).abs() < 1e-5);
        let cosine = window.cosine(&vector(0, 9), places[199]).unwrap();
        assert!((cosine - 0.5_f32.sqrt()).abs() < 1e-6, "{cosine}");
        let mut window = VectorWindow::default();
        let places: Vec<VectorPlace> = (0..200)
            .map(|number| window.insert(vector(50, 50), number, Timestamp::UNIX_EPOCH))
            .collect();
        places.iter().rev().for_each(|place| window.remove(*place));
        assert!(window.heap_bytes() * 4 < full, "{}", window.heap_bytes());
        // No place is given twice.
        let mut again: Vec<VectorPlace> = (0..9)
            .map(|number| window.insert(vector(50, 50), number, Timestamp::UNIX_EPOCH))
            .collect();
        again.dedup();
        assert_eq!((again.len(), window.find_neighbors(&vector(1, 1)).closeness), (9, 0.0));
    }

    #[test]
    fn the_order_of_places_does_not_matter() {
        let vectors: Vec<SentenceVector> = (1..60).map(|x| vector(x, 60 - x)).collect();
        let neighbors_in = |order: &mut dyn Iterator<Item = usize>| {
            let mut window = VectorWindow::default();
            for at in order {
                let number = u32::try_from(at).unwrap();
                window.insert(vectors[at], number, Timestamp::UNIX_EPOCH);
            }
            let mut neighbors = window.find_neighbors(&vector(7, 5));
            neighbors.nearest.sort_unstable();
            neighbors
        };
        let forward = neighbors_in(&mut (0..vectors.len()));
        assert_eq!(forward, neighbors_in(&mut (0..vectors.len()).rev()));
        assert!(forward.nearest.len() >= CLOSENESS_COSINES - 1, "{forward:?}");
    }

    #[test]
    fn a_cosine_loses_a_quarter_of_both_closenesses_and_counts_up_to_a_bound() {
        assert!((above_closeness(0.7, 0.4, 0.2) - 0.55).abs() < 1e-6);
        assert!((above_closeness(0.9, 0.4, 0.2) - SAME_SUBJECT).abs() < 1e-6);
        assert!((above_closeness(-0.9, 0.4, 0.2) + 1.05).abs() < 1e-6);
    }

    #[test]
    fn closeness_is_about_the_latest_entries_in_whatever_order_they_came() {
        let listed_at = |minute: u32| Timestamp::from_second(i64::from(minute) * 60).unwrap();
        // As many near entries as count, of later minutes than as many far ones.
        let count = CLOSENESS_ENTRIES;
        let entries = |near_first: bool| {
            let far = (0..count).map(|at| (vector(0, 100), at, at));
            let near = (0..count).map(|at| (vector(100, 0), count + at, 5_000 + at / 2));
            let (far, near): (Vec<_>, Vec<_>) = (far.collect(), near.collect());
            if near_first { [near, far].concat() } else { [far, near].concat() }
        };
        let closeness = |near_first: bool, own: SentenceVector, removed: u32| {
            let mut window = VectorWindow::default();
            for (vector, number, minute) in entries(near_first) {
                let place = window.insert(vector, number, listed_at(minute));
                if number >= count && number < count + removed {
                    window.remove(place);
                }
            }
            window.find_neighbors(&own).closeness
        };
        for near_first in [false, true] {
            assert!((closeness(near_first, vector(100, 0), 0) - 1.0).abs() < 1e-5);
            assert!(closeness(near_first, vector(0, 100), 0).abs() < 1e-5, "the far are too old");
            // Where eleven of the latest have left, eleven others take their place.
            assert!((closeness(near_first, vector(0, 100), 11) - 1.0).abs() < 1e-5);
        }
    }
}
