// SPDX-License-Identifier: MIT
//! Columns of i64, f64 and text as Arrow's C structs. Each owns its memory until its `release`.

use crate::igloo::{ArrowArray, ArrowDeviceArray, ArrowSchema};
use std::ffi::{c_void, CStr};
use std::ptr;

pub struct Column {
    pub name: &'static CStr,
    /// "l" i64, "g" f64, "u" text.
    pub format: &'static CStr,
}

pub enum Values<'a> {
    Integers(Vec<Option<i64>>),
    Doubles(Vec<f64>),
    Texts(Vec<&'a str>),
}

impl ArrowSchema {
    fn new(format: &'static CStr, name: &'static CStr, children: Vec<*mut ArrowSchema>) -> Self {
        let mut children = Box::new(children);
        ArrowSchema {
            format: format.as_ptr(),
            name: name.as_ptr(),
            metadata: ptr::null(),
            flags: 2, // nullable
            n_children: children.len() as i64,
            children: children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_schema),
            private_data: Box::into_raw(children) as *mut c_void,
        }
    }

    /// The schema of a batch of these columns.
    pub fn of<'a>(columns: impl Iterator<Item = &'a Column>) -> Self {
        let children = columns
            .map(|column| Box::into_raw(Box::new(Self::new(column.format, column.name, vec![]))))
            .collect();
        Self::new(c"+s", c"", children)
    }
}

unsafe extern "C" fn release_schema(schema: *mut ArrowSchema) {
    let children = Box::from_raw((*schema).private_data as *mut Vec<*mut ArrowSchema>);
    for &child in children.iter() {
        // A consumer may have moved a child out: then its release is gone.
        if let Some(release) = (*child).release {
            release(child);
        }
        drop(Box::from_raw(child));
    }
    (*schema).release = None;
}

/// What an array's pointers lead to.
struct Storage {
    pointers: Vec<*const c_void>,
    children: Vec<*mut ArrowArray>,
    _buffers: Vec<Vec<u64>>,
}

/// The bytes in memory that is aligned to 8, never empty.
fn aligned(bytes: &[u8]) -> Vec<u64> {
    let mut words = vec![0u64; bytes.len() / 8 + 1];
    for (index, &byte) in bytes.iter().enumerate() {
        words[index / 8] |= (byte as u64) << (index % 8 * 8);
    }
    words
}

impl ArrowArray {
    fn new(
        length: usize, nulls: usize, buffers: Vec<Option<Vec<u64>>>,
        children: Vec<*mut ArrowArray>,
    ) -> Self {
        let pointers = buffers
            .iter()
            .map(|b| b.as_ref().map_or(ptr::null(), |b| b.as_ptr() as *const c_void))
            .collect();
        let buffers = buffers.into_iter().flatten().collect();
        let mut storage = Box::new(Storage { pointers, children, _buffers: buffers });
        ArrowArray {
            length: length as i64,
            null_count: nulls as i64,
            offset: 0,
            n_buffers: storage.pointers.len() as i64,
            n_children: storage.children.len() as i64,
            buffers: storage.pointers.as_mut_ptr(),
            children: storage.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_array),
            private_data: Box::into_raw(storage) as *mut c_void,
        }
    }

    fn column(values: Values) -> Self {
        match values {
            Values::Integers(values) => {
                let mut validity = vec![0u8; values.len() / 8 + 1];
                for (index, _) in values.iter().enumerate().filter(|(_, v)| v.is_some()) {
                    validity[index / 8] |= 1 << (index % 8);
                }
                let nulls = values.iter().filter(|value| value.is_none()).count();
                let data = values.iter().map(|value| value.unwrap_or(0) as u64).chain([0]);
                let validity = (nulls > 0).then(|| aligned(&validity));
                Self::new(values.len(), nulls, vec![validity, Some(data.collect())], vec![])
            }
            Values::Doubles(values) => {
                let data = values.iter().map(|value| value.to_bits()).chain([0]).collect();
                Self::new(values.len(), 0, vec![None, Some(data)], vec![])
            }
            Values::Texts(texts) => {
                let mut end = 0i32;
                let mut offsets = end.to_le_bytes().to_vec();
                for text in &texts {
                    end += text.len() as i32;
                    offsets.extend(end.to_le_bytes());
                }
                let data = aligned(texts.concat().as_bytes());
                let buffers = vec![None, Some(aligned(&offsets)), Some(data)];
                Self::new(texts.len(), 0, buffers, vec![])
            }
        }
    }
}

unsafe extern "C" fn release_array(array: *mut ArrowArray) {
    let storage = Box::from_raw((*array).private_data as *mut Storage);
    for &child in storage.children.iter() {
        if let Some(release) = (*child).release {
            release(child);
        }
        drop(Box::from_raw(child));
    }
    (*array).release = None;
}

impl ArrowDeviceArray {
    /// A batch of `rows` rows.
    pub fn batch(rows: usize, columns: Vec<Values>) -> Self {
        let children = columns
            .into_iter()
            .map(|column| Box::into_raw(Box::new(ArrowArray::column(column))))
            .collect();
        ArrowDeviceArray {
            array: ArrowArray::new(rows, 0, vec![None], children),
            device_id: -1,
            device_type: 1, // CPU
            sync_event: ptr::null_mut(),
            reserved: [0; 3],
        }
    }
}
