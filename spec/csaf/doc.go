// Package csaf reads, checks, generates and writes documents of the Common
// Security Advisory Framework, version 2.0 (OASIS Standard, 18 November 2022).
//
// The package is pure: no I/O, no clock, no network. Clause numbers in the
// comments ("6.1.14", "7.1.18") are those of the standard.
//
//   - [Parse] and [Decode] read a document strictly against the format.
//   - [Check] runs the conformance tests of section 6 listed in [Tests].
//   - [Compose] turns a [Draft] into a document that passes them; [Marshal]
//     writes it.
//   - [ProviderMetadata], [Feed], [ServiceDocument], [CategoryDocument] and
//     [Aggregator] are the documents of the distributing side (section 7).
//
// The types hold what the standard names. A document may carry further
// properties; they are legal and do not survive a Decode and Marshal round
// trip. Whoever stores another party's document keeps its bytes as received,
// which its signature needs anyway.
package csaf
