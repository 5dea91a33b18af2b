//! Real processes, real peers: what every story of the test suite shares.
