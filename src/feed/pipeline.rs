//! The only file of this half that knows two stations.
