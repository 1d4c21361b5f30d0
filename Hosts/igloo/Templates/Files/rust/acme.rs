// SPDX-License-Identifier: MIT
//! The connector "acme": one table, "planets", in memory. igloo.h says of each function who calls it,
//! when, from which threads, and who frees what.

mod arrow;
mod igloo;

use arrow::{Column, Values};
use igloo::*;
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

/// What a host knows of the plugin without running it.
const NOTE_TEXT: &str =
    "id=acme\nversion=0.1.0\nkinds=connector:acme\nneeds=1\nruntime=rust\nlicense=MIT\n\0";

#[used]
#[link_section = ".note.igloo"]
static NOTE: Note<{ NOTE_TEXT.len() }> = Note::new(NOTE_TEXT);

// ---------------------------------------------------------------- the data

static COLUMNS: [Column; 4] = [
    Column { name: c"name", format: c"u" },
    Column { name: c"mass", format: c"g" },
    Column { name: c"moons", format: c"l" },
    Column { name: c"discovered", format: c"l" },
];

static PLANETS: [(&str, f64, i64, Option<i64>); 8] = [
    ("Mercury", 0.055, 0, None),
    ("Venus", 0.815, 0, None),
    ("Earth", 1.0, 1, None),
    ("Mars", 0.107, 2, None),
    ("Jupiter", 317.8, 95, None),
    ("Saturn", 95.2, 146, None),
    ("Uranus", 14.5, 28, Some(1781)),
    ("Neptune", 17.1, 16, Some(1846)),
];

fn values(column: u8, unit: f64) -> Values<'static> {
    match column {
        0 => Values::Texts(PLANETS.iter().map(|planet| planet.0).collect()),
        1 => Values::Doubles(PLANETS.iter().map(|planet| planet.1 * unit).collect()),
        2 => Values::Integers(PLANETS.iter().map(|planet| Some(planet.2)).collect()),
        _ => Values::Integers(PLANETS.iter().map(|planet| planet.3).collect()),
    }
}

// ---------------------------------------------------------------- errors

/// Why a call fails: status, SQLSTATE, and a message that lives for ever.
struct Failure(Status, &'static [u8; 5], &'static str);

/// Runs the body of a function that the host calls: no panic crosses the border.
fn guarded(error: *mut Error, body: impl FnOnce() -> Result<Status, Failure>) -> Status {
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or(Err(Failure(E_INTERNAL, b"XX000", "acme has a defect: it panicked")));
    match result {
        Ok(status) => status,
        Err(Failure(status, sqlstate, message)) => {
            // SAFETY: the host passes a zeroed error.
            if let Some(error) = unsafe { error.as_mut() } {
                error.code = status;
                error.sqlstate[..5].copy_from_slice(sqlstate);
                error.message = Str::of(message);
            }
            status
        }
    }
}

// ---------------------------------------------------------------- instances

/// A catalog of this connector: its options. Never changed, so that any thread may use it.
struct Acme {
    /// Of masses, in Earths.
    unit: f64,
}

static OPTIONS: [Opt; 1] = [Opt {
    name: Str::of("unit"),
    kind: OPT_ENUM,
    flags: 0,
    default_text: Str::of("earths"),
    allowed: Str::of("earths|tonnes"),
    doc: Str::of("In what masses are told."),
}];

unsafe extern "C" fn create(
    _: *const Kind, values: *const Value, n: usize, _: *const Context, this: *mut *mut c_void,
    error: *mut Error,
) -> Status {
    guarded(error, || {
        let mut acme = Acme { unit: 1.0 };
        for value in list(values, n) {
            if value.name.bytes() == b"unit" && value.s.bytes() == b"tonnes" {
                acme.unit = 5.972e21;
            }
        }
        *this = Box::into_raw(Box::new(acme)) as *mut c_void;
        Ok(OK)
    })
}

unsafe extern "C" fn destroy(this: *mut c_void) {
    drop(Box::from_raw(this as *mut Acme));
}

/// Memory can always be reached.
unsafe extern "C" fn ping(_: *mut c_void, _: *const Context, _: *mut Error) -> Status {
    OK
}

// ---------------------------------------------------------------- readers

enum Rows {
    Schemas { prefix: String },
    Tables { schema: String, prefix: String },
    Planets { columns: Vec<u8>, unit: f64 },
}

/// Delivers one batch.
struct OneBatch {
    rows: Rows,
    is_done: bool,
    /// Set by `cancel`, from any thread.
    is_stopped: AtomicBool,
}

static LISTED: [Column; 5] = [
    Column { name: c"schema", format: c"u" },
    Column { name: c"name", format: c"u" },
    Column { name: c"kind", format: c"u" },
    Column { name: c"comment", format: c"u" },
    Column { name: c"est_rows", format: c"l" },
];

impl Rows {
    fn schema(&self) -> ArrowSchema {
        match self {
            Rows::Schemas { .. } => ArrowSchema::of(LISTED[1..2].iter()),
            Rows::Tables { .. } => ArrowSchema::of(LISTED.iter()),
            Rows::Planets { columns, .. } => {
                ArrowSchema::of(columns.iter().map(|&column| &COLUMNS[column as usize]))
            }
        }
    }

    fn batch(&self) -> ArrowDeviceArray {
        match self {
            Rows::Schemas { prefix } => {
                let names: Vec<_> = ["main"].into_iter().filter(|n| n.starts_with(prefix)).collect();
                ArrowDeviceArray::batch(names.len(), vec![Values::Texts(names)])
            }
            Rows::Tables { schema, prefix } => {
                let count = (schema == "main" && "planets".starts_with(prefix)) as usize;
                let text = |text| Values::Texts(vec![text; count]);
                let rows = Values::Integers(vec![Some(PLANETS.len() as i64); count]);
                let columns = vec![text("main"), text("planets"), text("table"), text("the Sun's")];
                ArrowDeviceArray::batch(count, columns.into_iter().chain([rows]).collect())
            }
            Rows::Planets { columns, unit } => {
                let columns = columns.iter().map(|&column| values(column, *unit)).collect();
                ArrowDeviceArray::batch(PLANETS.len(), columns)
            }
        }
    }

    unsafe fn read(self, out: *mut Reader) {
        let reader = OneBatch { rows: self, is_done: false, is_stopped: AtomicBool::new(false) };
        out.write(Reader {
            this: Box::into_raw(Box::new(reader)) as *mut c_void,
            schema: reader_schema,
            next: reader_next,
            cancel: reader_cancel,
            release: reader_release,
        });
    }
}

unsafe extern "C" fn reader_schema(
    this: *mut c_void, out: *mut ArrowSchema, error: *mut Error,
) -> Status {
    guarded(error, || {
        out.write((*(this as *const OneBatch)).rows.schema());
        Ok(OK)
    })
}

unsafe extern "C" fn reader_next(
    this: *mut c_void, context: *const Context, out: *mut ArrowDeviceArray, error: *mut Error,
) -> Status {
    guarded(error, || {
        let this = this as *mut OneBatch;
        let flag = (*context).cancelled.as_ref();
        if (*this).is_stopped.load(Ordering::Acquire)
            || flag.is_some_and(|flag| flag.load(Ordering::Acquire) != 0)
        {
            (*this).is_done = true;
            return Err(Failure(E_CANCELLED, b"57014", "the call was cancelled"));
        }
        if (*this).is_done {
            return Ok(END);
        }
        (*this).is_done = true;
        out.write((*this).rows.batch());
        Ok(OK)
    })
}

unsafe extern "C" fn reader_cancel(this: *mut c_void) {
    (*(this as *const OneBatch)).is_stopped.store(true, Ordering::Release);
}

unsafe extern "C" fn reader_release(this: *mut c_void) {
    drop(Box::from_raw(this as *mut OneBatch));
}

// ---------------------------------------------------------------- lists and tables

unsafe fn text(text: Str) -> String {
    String::from_utf8_lossy(text.bytes()).into_owned()
}

unsafe extern "C" fn list_names(
    _: *mut c_void, _: *const Context, what: u32, schema: Str, prefix: Str, out: *mut Reader,
    error: *mut Error,
) -> Status {
    guarded(error, || {
        let rows = match what {
            LIST_SCHEMAS => Rows::Schemas { prefix: text(prefix) },
            LIST_TABLES => Rows::Tables { schema: text(schema), prefix: text(prefix) },
            _ => return Err(Failure(E_UNSUPPORTED, b"0A000", "acme has no such list")),
        };
        rows.read(out);
        Ok(OK)
    })
}

static TABLE: &[u8] = b"planets";

unsafe extern "C" fn open_table(
    _: *mut c_void, _: *const Context, schema: Str, name: Str, table: *mut Blob,
    out: *mut ArrowSchema, error: *mut Error,
) -> Status {
    guarded(error, || {
        if ![&b""[..], b"main"].contains(&schema.bytes()) || name.bytes() != TABLE {
            return Err(Failure(E_NOT_FOUND, b"42P01", "acme has one table: planets"));
        }
        out.write(ArrowSchema::of(COLUMNS.iter()));
        // A constant: there is nothing to release.
        (*table).p = TABLE.as_ptr();
        (*table).n = TABLE.len();
        Ok(OK)
    })
}

// ---------------------------------------------------------------- plans

/// Marks the columns that the expression at `root` uses. The blob comes from outside: every number
/// in it is checked. Arguments stand before their node, so one walk from the root down finds all.
fn mark_columns(exprs: &[u8], root: u32, used: &mut [bool; 4]) -> Option<()> {
    let word = |at: usize| Some(u32::from_le_bytes(exprs.get(at..at.checked_add(4)?)?.try_into().ok()?));
    let (count, pool) = (word(4)? as usize, word(8)? as usize);
    let size = std::mem::size_of::<ExprNode>();
    if exprs.get(..4)? != b"IGX1" || count > exprs.len() / size || root as usize >= count {
        return None;
    }
    let mut is_wanted = vec![false; count];
    is_wanted[root as usize] = true;
    for index in (0..=root as usize).rev().filter(|&index| index < count) {
        if !is_wanted[index] {
            continue;
        }
        let node = std::mem::size_of::<ExprHeader>() + index * size;
        if word(node)? as u16 == COLUMN {
            *used.get_mut(word(node + 16)? as usize)? = true;
        }
        let (arguments, first) = (word(node + 4)? as usize, word(node + 8)? as usize);
        if arguments > exprs.len() / 4 {
            return None;
        }
        for argument in 0..arguments {
            let argument = word(pool.checked_add(first)?.checked_add(argument * 4)?)? as usize;
            if argument >= index {
                return None;
            }
            is_wanted[argument] = true;
        }
    }
    Some(())
}

/// What an answer's pointers lead to.
struct AnswerStorage {
    columns: Vec<u8>,
    reasons: Vec<Str>,
}

unsafe extern "C" fn release_answer(answer: *mut ScanAnswer) {
    drop(Box::from_raw((*answer).owner as *mut AnswerStorage));
    (*answer).release = None;
}

/// Takes over nothing but the choice of columns: all verdicts stay UNSUPPORTED. So the columns are
/// those that are wanted, then those that the conjuncts need. The plan's handle lists them.
unsafe extern "C" fn plan(
    _: *mut c_void, _: *const Context, request: *const ScanRequest, out: *mut ArrowSchema,
    answer: *mut ScanAnswer, error: *mut Error,
) -> Status {
    guarded(error, || {
        let request = &*request;
        if request.table.bytes() != TABLE {
            return Err(Failure(E_INVALID, b"22023", "acme made no such table"));
        }
        let wanted = list(request.columns, request.n_columns);
        if wanted.iter().any(|&column| column as usize >= COLUMNS.len()) {
            return Err(Failure(E_INVALID, b"22023", "there is no such column"));
        }
        let mut used = [false; 4];
        for &conjunct in list(request.conjuncts, request.n_conjuncts) {
            mark_columns(request.exprs.bytes(), conjunct, &mut used)
                .ok_or(Failure(E_INVALID, b"22023", "a condition is malformed"))?;
        }
        let mut columns: Vec<u8> = wanted.iter().map(|&column| column as u8).collect();
        columns.extend((0u8..4).filter(|&c| used[c as usize] && !wanted.contains(&(c as u32))));
        out.write(ArrowSchema::of(columns.iter().map(|&column| &COLUMNS[column as usize])));
        let reasons = vec![Str::of("acme reads its tables whole"); request.n_conjuncts];
        let storage = Box::new(AnswerStorage { columns, reasons });
        let answer = &mut *answer;
        answer.handle = Str { p: storage.columns.as_ptr(), n: storage.columns.len() };
        answer.est_rows = PLANETS.len() as f64;
        answer.remote_text = Str::of("all planets");
        answer.reasons = storage.reasons.as_ptr();
        answer.n_reasons = storage.reasons.len();
        answer.owner = Box::into_raw(storage) as *mut c_void;
        answer.release = Some(release_answer);
        Ok(OK)
    })
}

// ---------------------------------------------------------------- splits

static WHOLE: [u8; 1] = [0];
static THE_SPLIT: Split =
    Split { payload: Str { p: WHOLE.as_ptr(), n: 1 }, est_rows: 8, est_bytes: -1 };

unsafe extern "C" fn splits_next(
    this: *mut c_void, _: *const Context, _: usize, out: *mut Splits, _: *mut Error,
) -> Status {
    let is_done = this as *mut bool;
    if *is_done {
        return END;
    }
    *is_done = true;
    (*out).items = &THE_SPLIT;
    (*out).n = 1;
    OK
}

/// Nothing here waits.
unsafe extern "C" fn splits_cancel(_: *mut c_void) {}

unsafe extern "C" fn splits_release(this: *mut c_void) {
    drop(Box::from_raw(this as *mut bool));
}

unsafe extern "C" fn splits(
    _: *mut c_void, _: *const Context, _: Bytes, _: i64, out: *mut SplitSource, error: *mut Error,
) -> Status {
    guarded(error, || {
        out.write(SplitSource {
            this: Box::into_raw(Box::new(false)) as *mut c_void,
            next: splits_next,
            cancel: splits_cancel,
            release: splits_release,
        });
        Ok(OK)
    })
}

unsafe extern "C" fn open_split(
    this: *mut c_void, _: *const Context, handle: Bytes, split: Bytes, out: *mut Reader,
    error: *mut Error,
) -> Status {
    guarded(error, || {
        let columns = handle.bytes().to_vec();
        if split.bytes() != WHOLE || columns.iter().any(|&c| c as usize >= COLUMNS.len()) {
            return Err(Failure(E_INVALID, b"22023", "acme made no such split"));
        }
        Rows::Planets { columns, unit: (*(this as *const Acme)).unit }.read(out);
        Ok(OK)
    })
}

// ---------------------------------------------------------------- the plugin

static CONNECTOR_TABLE: Connector =
    Connector { list: list_names, open_table, plan, splits, open: open_split, ping };

static KINDS: [Kind; 1] = [Kind {
    kind: CONNECTOR,
    rank: 0,
    name: Str::of("acme"),
    options: OPTIONS.as_ptr(),
    n_options: OPTIONS.len(),
    caps: CAP_CPU_BOUND,
    create,
    reload: None,
    destroy,
    vtable: &CONNECTOR_TABLE,
    facet: None,
}];

static PLUGIN: Plugin = Plugin {
    id: Str::of("acme"),
    version: Str::of("0.1.0"),
    needs_minor: 1,
    wire_min: 1,
    wire_max: 1,
    n_kinds: 1,
    kinds: KINDS.as_ptr(),
    stop: None,
};

/// The one symbol that is exported.
#[no_mangle]
pub unsafe extern "C" fn igloo_plugin_0(_: *const c_void, _: *mut Error) -> *const Plugin {
    &PLUGIN
}
