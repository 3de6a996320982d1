//! The vectors of the entries in the window, one behind the other → how near each is to a new one.
//!
//! Some entries are near to everything: a short headline, or one of common words (Radovanović et al. 2010). The *closeness*
//! of an entry is the mean of its highest cosines at its arrival, without the very highest, which may be its own story. A
//! cosine counts as far as it is above the closeness of both entries, as in CSLS (Conneau et al. 2018).

use super::day_counts::reserve_some;
use super::sentence_vector::{SentenceVector, cosine_of};

/// The cosines of which closeness is the mean: from the second on.
const CLOSENESS_COSINES: usize = 10;
/// One more, and the highest.
const KEPT_COSINES: usize = CLOSENESS_COSINES + 1;

/// The share of both entries' closeness that a cosine loses.
const CLOSENESS_SHARE: f32 = 0.25;

/// A place without a vector.
const FREE: u32 = u32::MAX;

/// Where the vector of a member is.
pub(super) type VectorPlace = u32;

/// The vectors of the members.
#[derive(Debug, Clone, Default)]
pub(super) struct VectorWindow {
    places: Vec<PlacedVector>,
    free: Vec<VectorPlace>,
}

#[derive(Debug, Clone, Copy)]
struct PlacedVector {
    /// The number of the member.
    number: u32,
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
    /// Adds the vector of a member.
    pub(super) fn insert(&mut self, vector: SentenceVector, number: u32) -> VectorPlace {
        let placed = PlacedVector { number, inverse_length: vector.inverse_length(), vector };
        if let Some(free) = self.free.pop()
            && let Some(place) = self.places.get_mut(free as usize)
        {
            *place = placed;
            return free;
        }
        reserve_some(&mut self.places, 1);
        self.places.push(placed);
        u32::try_from(self.places.len() - 1).unwrap_or(FREE)
    }

    /// Removes a vector.
    pub(super) fn remove(&mut self, place: VectorPlace) {
        if let Some(placed) = self.places.get_mut(place as usize) {
            placed.number = FREE;
            self.free.push(place);
        }
        // Places at the end are given back; those between two vectors wait for the next ones.
        let used = self.places.iter().rposition(|placed| placed.number != FREE);
        let count = used.map_or(0, |last| last + 1);
        if count < self.places.len() {
            self.places.truncate(count);
            self.free.retain(|place| (*place as usize) < count);
        }
        if self.places.capacity() > 64 && count * 4 < self.places.capacity() {
            self.places.shrink_to(count * 2);
            self.free.shrink_to(count);
        }
    }

    /// The neighbors of a vector.
    pub(super) fn find_neighbors(&self, vector: &SentenceVector) -> VectorNeighbors {
        let own = vector.inverse_length();
        // The highest first.
        let mut highest = [(f32::NEG_INFINITY, FREE); KEPT_COSINES];
        let mut lowest = f32::NEG_INFINITY;
        for placed in &self.places {
            let cosine = cosine_of(vector.dot(&placed.vector), own, placed.inverse_length);
            if cosine > lowest && placed.number != FREE {
                let at = highest.partition_point(|(higher, _)| *higher >= cosine);
                highest[at..].rotate_right(1);
                highest[at] = (cosine, placed.number);
                lowest = highest[KEPT_COSINES - 1].0;
            }
        }
        // A sum of numbers in their order is the same, wherever they were.
        let is_whole = lowest > f32::NEG_INFINITY;
        let sum: f32 = highest[1..].iter().map(|(cosine, _)| *cosine).sum();
        let nearest = highest.iter().filter(|(cosine, number)| *number != FREE && *cosine > lowest);
        VectorNeighbors {
            closeness: if is_whole { sum / COSINES } else { 0.0 },
            nearest: nearest.map(|(_, number)| *number).collect(),
        }
    }

    /// The cosine of a vector and the one at a place.
    pub(super) fn cosine(&self, vector: &SentenceVector, place: VectorPlace) -> Option<f32> {
        let placed = self.places.get(place as usize)?;
        let dot = vector.dot(&placed.vector);
        Some(cosine_of(dot, vector.inverse_length(), placed.inverse_length))
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<PlacedVector>()
            + self.free.capacity() * size_of::<VectorPlace>()
    }
}

/// `CLOSENESS_COSINES` as a divisor.
const COSINES: f32 = 10.0;

/// What the cosine of two entries is worth, by their closeness.
pub(super) fn above_closeness(cosine: f32, one_closeness: f32, other_closeness: f32) -> f32 {
    cosine - CLOSENESS_SHARE * (one_closeness + other_closeness)
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
            window.insert(vector(0, 100), number);
            assert!(window.find_neighbors(&own).closeness.abs() < 1e-6, "{} neighbors", number + 1);
        }
        window.insert(own, 10);
        let neighbors = window.find_neighbors(&own);
        assert_eq!((neighbors.closeness, neighbors.nearest), (0.0, vec![10]));
        for number in 11..16 {
            window.insert(own, number);
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
        let places: Vec<VectorPlace> =
            (0..200).map(|number| window.insert(vector(50, 50), number)).collect();
        let full = window.heap_bytes();
        for place in &places[..195] {
            window.remove(*place);
        }
        assert!(window.find_neighbors(&vector(1, 1)).closeness.abs() < 1e-6, "five are left");
        for number in 300..306 {
            window.insert(vector(50, 50), number);
        }
        assert!((window.find_neighbors(&vector(1, 1)).closeness - 1.0).abs() < 1e-5);
        let cosine = window.cosine(&vector(0, 9), places[199]).unwrap();
        assert!((cosine - 0.5_f32.sqrt()).abs() < 1e-6, "{cosine}");
        let mut window = VectorWindow::default();
        let places: Vec<VectorPlace> =
            (0..200).map(|number| window.insert(vector(50, 50), number)).collect();
        places.iter().rev().for_each(|place| window.remove(*place));
        assert!(window.heap_bytes() * 4 < full, "{}", window.heap_bytes());
        // No place is given twice.
        let mut again: Vec<VectorPlace> =
            (0..9).map(|number| window.insert(vector(50, 50), number)).collect();
        again.dedup();
        assert_eq!((again.len(), window.find_neighbors(&vector(1, 1)).closeness), (9, 0.0));
    }

    #[test]
    fn the_order_of_places_does_not_matter() {
        let vectors: Vec<SentenceVector> = (1..60).map(|x| vector(x, 60 - x)).collect();
        let neighbors_in = |order: &mut dyn Iterator<Item = usize>| {
            let mut window = VectorWindow::default();
            for at in order {
                window.insert(vectors[at], u32::try_from(at).unwrap());
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
    fn a_cosine_loses_a_quarter_of_both_hubs() {
        assert!((above_closeness(0.8, 0.4, 0.2) - 0.65).abs() < 1e-6);
    }
}
