// SPDX-License-Identifier: MIT
//! What a connector needs of igloo.h and of Arrow's C Data Interface. The header is the contract: its
//! comments say who calls what, when, from which threads, and who frees what.
#![allow(dead_code)]

use std::ffi::{c_char, c_void};

pub type Status = i32;
pub const OK: Status = 0;
pub const END: Status = 2;
pub const E_CANCELLED: Status = -1;
pub const E_INVALID: Status = -3;
pub const E_NOT_FOUND: Status = -5;
pub const E_UNSUPPORTED: Status = -12;
pub const E_INTERNAL: Status = -13;

pub const CONNECTOR: u32 = 1;
pub const CAP_CPU_BOUND: u64 = 1;
pub const OPT_ENUM: u32 = 7;
pub const LIST_SCHEMAS: u32 = 1;
pub const LIST_TABLES: u32 = 2;
pub const COLUMN: u16 = 1;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    pub p: *const u8,
    pub n: usize,
}

pub type Bytes = Str;

impl Str {
    pub const NONE: Str = Str { p: std::ptr::null(), n: 0 };

    pub const fn of(text: &'static str) -> Str {
        Str { p: text.as_ptr(), n: text.len() }
    }

    /// # Safety
    /// What the pointer leads to lives as long as the borrow.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.p.is_null() { &[] } else { std::slice::from_raw_parts(self.p, self.n) }
    }
}

/// # Safety
/// As `Str::bytes`.
pub unsafe fn list<'a, T>(p: *const T, n: usize) -> &'a [T] {
    if p.is_null() { &[] } else { std::slice::from_raw_parts(p, n) }
}

#[repr(C)]
pub struct Blob {
    pub p: *const u8,
    pub n: usize,
    pub release: Option<unsafe extern "C" fn(*mut Blob)>,
    pub owner: *mut c_void,
}

#[repr(C)]
pub struct Error {
    pub code: i32,
    pub flags: u32,
    pub sqlstate: [u8; 8],
    pub message: Str,
    pub hint: Str,
    pub release: Option<unsafe extern "C" fn(*mut Error)>,
    pub owner: *mut c_void,
}

#[repr(C)]
pub struct Context {
    pub cancelled: *const std::sync::atomic::AtomicU32,
    pub deadline_ns: i64,
    pub waker: *mut c_void,
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub query_id: Str,
    pub user: Str,
    pub txn: Bytes,
    pub memory_account: u64,
}

#[repr(C)]
pub struct Reader {
    pub this: *mut c_void,
    pub schema: unsafe extern "C" fn(*mut c_void, *mut ArrowSchema, *mut Error) -> Status,
    pub next: unsafe extern "C" fn(
        *mut c_void, *const Context, *mut ArrowDeviceArray, *mut Error) -> Status,
    pub cancel: unsafe extern "C" fn(*mut c_void),
    pub release: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
pub struct Opt {
    pub name: Str,
    pub kind: u32,
    pub flags: u32,
    pub default_text: Str,
    pub allowed: Str,
    pub doc: Str,
}

#[repr(C)]
pub struct Value {
    pub name: Str,
    pub kind: u32,
    pub n_list: u32,
    pub i: i64,
    pub d: f64,
    pub s: Str,
    pub list: *const Str,
}

#[repr(C)]
pub struct Kind {
    pub kind: u32,
    pub rank: i32,
    pub name: Str,
    pub options: *const Opt,
    pub n_options: usize,
    pub caps: u64,
    pub create: unsafe extern "C" fn(
        *const Kind, *const Value, usize, *const Context, *mut *mut c_void, *mut Error) -> Status,
    pub reload: Option<unsafe extern "C" fn(
        *mut c_void, *const Value, usize, *mut Error) -> Status>,
    pub destroy: unsafe extern "C" fn(*mut c_void),
    pub vtable: *const Connector,
    pub facet: Option<unsafe extern "C" fn(*mut c_void, u32) -> *const c_void>,
}

#[repr(C)]
pub struct Plugin {
    pub id: Str,
    pub version: Str,
    pub needs_minor: u32,
    pub wire_min: u32,
    pub wire_max: u32,
    pub n_kinds: u32,
    pub kinds: *const Kind,
    pub stop: Option<unsafe extern "C" fn(i64)>,
}

// They are constants that nobody changes.
unsafe impl Sync for Opt {}
unsafe impl Sync for Kind {}
unsafe impl Sync for Plugin {}
unsafe impl Sync for Split {}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ExprHeader {
    pub magic: [u8; 4],
    pub n_nodes: u32,
    pub pool_off: u32,
    pub pool_len: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct ExprNode {
    pub op: u16,
    pub type_: u8,
    pub flags: u8,
    pub n_args: u32,
    pub args: u32,
    pub aux: u32,
    pub literal: [i64; 2],
}

#[repr(C)]
pub struct ScanRequest {
    pub table: Bytes,
    pub exprs: Bytes,
    pub columns: *const u32,
    pub n_columns: usize,
    pub conjuncts: *const u32,
    pub n_conjuncts: usize,
    pub group_by: *const u32,
    pub n_group_by: usize,
    pub aggs: *const c_void,
    pub n_aggs: usize,
    pub sort: *const c_void,
    pub n_sort: usize,
    pub limit: i64,
    pub agg_mode: u32,
    pub flags: u32,
}

#[repr(C)]
pub struct ScanAnswer {
    pub conjuncts: *mut u8,
    pub aggregate: u8,
    pub sort: u8,
    pub limit: u8,
    pub pad: [u8; 5],
    pub handle: Bytes,
    pub snapshot: Bytes,
    pub est_rows: f64,
    pub est_bytes: f64,
    pub remote_text: Str,
    pub reasons: *const Str,
    pub n_reasons: usize,
    pub release: Option<unsafe extern "C" fn(*mut ScanAnswer)>,
    pub owner: *mut c_void,
}

#[repr(C)]
pub struct Split {
    pub payload: Bytes,
    pub est_rows: i64,
    pub est_bytes: i64,
}

#[repr(C)]
pub struct Splits {
    pub items: *const Split,
    pub n: usize,
    pub release: Option<unsafe extern "C" fn(*mut Splits)>,
    pub owner: *mut c_void,
}

#[repr(C)]
pub struct SplitSource {
    pub this: *mut c_void,
    pub next: unsafe extern "C" fn(
        *mut c_void, *const Context, usize, *mut Splits, *mut Error) -> Status,
    pub cancel: unsafe extern "C" fn(*mut c_void),
    pub release: unsafe extern "C" fn(*mut c_void),
}

#[repr(C)]
pub struct Connector {
    pub list: unsafe extern "C" fn(
        *mut c_void, *const Context, u32, Str, Str, *mut Reader, *mut Error) -> Status,
    pub open_table: unsafe extern "C" fn(
        *mut c_void, *const Context, Str, Str, *mut Blob, *mut ArrowSchema, *mut Error) -> Status,
    pub plan: unsafe extern "C" fn(
        *mut c_void, *const Context, *const ScanRequest, *mut ArrowSchema, *mut ScanAnswer,
        *mut Error) -> Status,
    pub splits: unsafe extern "C" fn(
        *mut c_void, *const Context, Bytes, i64, *mut SplitSource, *mut Error) -> Status,
    pub open: unsafe extern "C" fn(
        *mut c_void, *const Context, Bytes, Bytes, *mut Reader, *mut Error) -> Status,
    pub ping: unsafe extern "C" fn(*mut c_void, *const Context, *mut Error) -> Status,
}

/// The note that hosts read without running anything: NUL-terminated lines of key=value.
#[repr(C, align(4))]
pub struct Note<const N: usize> {
    n_owner: u32,
    n_desc: u32,
    kind: u32,
    owner: [u8; 8],
    epoch: u32,
    minor: u32,
    text: [u8; N],
}

impl<const N: usize> Note<N> {
    /// `N` is the length of the text, which ends with a NUL.
    pub const fn new(text: &str) -> Note<N> {
        let mut bytes = [0; N];
        let mut index = 0;
        while index < N {
            bytes[index] = text.as_bytes()[index];
            index += 1;
        }
        let (n_desc, owner) = (8 + N as u32, *b"Igloo\0\0\0");
        Note { n_owner: 6, n_desc, kind: 1, owner, epoch: 0, minor: 1, text: bytes }
    }
}

#[repr(C)]
pub struct ArrowSchema {
    pub format: *const c_char,
    pub name: *const c_char,
    pub metadata: *const c_char,
    pub flags: i64,
    pub n_children: i64,
    pub children: *mut *mut ArrowSchema,
    pub dictionary: *mut ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    pub n_children: i64,
    pub buffers: *mut *const c_void,
    pub children: *mut *mut ArrowArray,
    pub dictionary: *mut ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    pub private_data: *mut c_void,
}

#[repr(C)]
pub struct ArrowDeviceArray {
    pub array: ArrowArray,
    pub device_id: i64,
    pub device_type: i32,
    pub sync_event: *mut c_void,
    pub reserved: [i64; 3],
}
