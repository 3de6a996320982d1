//! Publishers' pictures → small copies in a folder of files, which pages show and the server sends.
//!
//! | file | input → output |
//! | --- | --- |
//! | `thumbnail` | a picture as bytes → its copy |
//! | `kept_picture` | the name of a file ↔ what is known about a picture |
//! | `picture_schedule` | how a fetch ended → what is known now, and when the picture is fetched again |
//! | `picture_shelf` | the folder → which copies are ready; which pictures pages want |
//! | `wanted_pictures` | pictures that pages want → the next one to fetch |
//!
//! Only what a page of the newest entries shows is wanted, so that pictures that no one looks at are not fetched. A
//! copy is kept as long as its entry or source, within a bound for all; icons are looked at again from time to time. No error here reaches a poll or an output: a
//! page without a picture is complete.

mod kept_picture;
mod picture_schedule;
mod picture_shelf;
mod thumbnail;
mod wanted_pictures;

pub use picture_schedule::PictureOutcome;
pub use picture_shelf::{PictureFile, PictureLookup, PictureShelf};
pub use thumbnail::{EncodedThumbnail, PictureError, PictureFormat, make_thumbnail};
pub use wanted_pictures::WantedPicture;
