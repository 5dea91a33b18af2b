//! gengfu-core
