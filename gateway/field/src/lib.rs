//! gengfu-field
