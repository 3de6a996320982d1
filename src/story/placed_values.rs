//! Something of each member of the window, one behind the other, so that all of them are read quickly. A place stays that
//! of its member until the member leaves; then it waits for the next one.

use super::day_counts::reserve_some;

/// Where the value of a member is.
pub(super) type Place = u32;

/// The member of a place that is vacant.
const VACANT: u32 = u32::MAX;

/// The values of the members.
#[derive(Debug, Clone)]
pub(super) struct PlacedValues<T> {
    places: Vec<PlacedValue<T>>,
    vacant: Vec<Place>,
}

/// A value in its place.
#[derive(Debug, Clone)]
pub(super) struct PlacedValue<T> {
    /// The number of the member.
    member: u32,
    value: T,
}

impl<T> Default for PlacedValues<T> {
    fn default() -> Self {
        Self { places: Vec::new(), vacant: Vec::new() }
    }
}

impl<T> PlacedValues<T> {
    /// Adds the value of a member.
    pub(super) fn insert(&mut self, member: u32, value: T) -> Place {
        let placed = PlacedValue { member, value };
        if let Some(vacant) = self.vacant.pop()
            && let Some(place) = self.places.get_mut(vacant as usize)
        {
            *place = placed;
            return vacant;
        }
        reserve_some(&mut self.places, 1);
        self.places.push(placed);
        u32::try_from(self.places.len() - 1).unwrap_or(VACANT)
    }

    /// Removes a value.
    pub(super) fn remove(&mut self, place: Place) {
        if let Some(placed) = self.places.get_mut(place as usize) {
            placed.member = VACANT;
            self.vacant.push(place);
        }
        // Places at the end are given back; those between two values wait for the next ones.
        let used = self.places.iter().rposition(|placed| placed.member != VACANT);
        let count = used.map_or(0, |last| last + 1);
        if count < self.places.len() {
            self.places.truncate(count);
            self.vacant.retain(|place| (*place as usize) < count);
        }
        if self.places.capacity() > 64 && count * 4 < self.places.capacity() {
            self.places.shrink_to(count * 2);
            self.vacant.shrink_to(count);
        }
    }

    /// The value at a place.
    pub(super) fn get(&self, place: Place) -> Option<&T> {
        self.places.get(place as usize).map(|placed| &placed.value)
    }

    /// The numbers of the members with their values.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let used = self.places.iter().filter(|placed| placed.member != VACANT);
        used.map(|placed| (placed.member, &placed.value))
    }

    /// Whether there are no places, neither used nor vacant.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty() && self.vacant.is_empty()
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<PlacedValue<T>>()
            + self.vacant.capacity() * size_of::<Place>()
    }
}
