//! The compliance return over real dossiers.
