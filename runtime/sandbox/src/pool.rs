//! The way without unsafe code of ours: memories from wasmtime's own pool.
//!
//! The component is the same but for its memory, which it imports. What it is given for it is a module that holds an image as its
//! data, and wasmtime maps that data for each instance, so that a page is copied when it is first written to. Each image that is
//! held takes the whole memory twice, some 50 MB: so fewer are.

use std::io;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::component::{Component, Instance, InstancePre, Linker};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, Module, PoolingAllocationConfig, Store};

use crate::image::{Delta, MOST_MEMORY};
use crate::limits::{INSTANCES, TABLE_ELEMENTS, TABLES};
use crate::state::RunState;

/// Runs at a time; the others wait for a place. Each has 4 GiB of addresses, of which a process has 128 TiB.
const PLACES: u32 = 2000;

/// A run that ends gives its place back before its memory, so the pool has some more of everything.
const ROOM: u32 = PLACES + 100;

/// What an instance keeps of memory, in bytes, for the next one of the same image, so that it is copied and not mapped anew. Only what
/// was written is copied, where the kernel can tell (`PAGEMAP_SCAN`); otherwise nothing is kept, because it would be so much from the
/// memory's beginning on.
const KEPT: usize = 4 << 20;

/// Has wasmtime take memories, tables and stacks from a pool.
pub(crate) fn configure(config: &mut Config) {
    let kept = if PoolingAllocationConfig::is_pagemap_scan_available() { KEPT } else { 0 };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(ROOM)
        .total_core_instances(ROOM * 4)
        .total_memories(ROOM)
        .total_tables(ROOM * 2)
        .total_stacks(ROOM)
        .max_core_instances_per_component(INSTANCES as u32)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES as u32)
        .table_elements(TABLE_ELEMENTS)
        .max_memory_size(MOST_MEMORY as usize)
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(kept)
        .table_keep_resident(TABLE_ELEMENTS * size_of::<usize>());
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}

/// Makes instances whose memory comes from the pool.
pub(crate) struct Pool {
    component: Component,
    linker: Linker<RunState>,
    places: Arc<Semaphore>,
}

/// A place among the runs of a pool, until it is dropped.
pub(crate) struct Place(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

/// What a memory begins with.
pub(crate) struct Image {
    prepared: InstancePre<RunState>,
    /// All of the base's content.
    base: Arc<Vec<u8>>,
    /// None in the base itself.
    delta: Option<Delta>,
}

impl Pool {
    /// For a component that imports its memory; `linker` has all the rest.
    pub(crate) fn new(component: Component, linker: Linker<RunState>) -> Self {
        Self { component, linker, places: Arc::new(Semaphore::new(PLACES as usize)) }
    }

    /// The image that others are told apart from: some bytes, of which a delta changes pages.
    pub(crate) fn base(&self, bytes: &[u8], delta: Option<&Delta>) -> io::Result<Image> {
        let base = delta.map_or_else(|| bytes.to_vec(), |delta| delta.over(bytes));
        Ok(Image { prepared: self.prepare(&base)?, base: Arc::new(base), delta: None })
    }

    /// The base with the delta's pages.
    pub(crate) fn over(&self, base: &Image, delta: Delta) -> io::Result<Image> {
        let prepared = self.prepare(&delta.over(&base.base))?;
        Ok(Image { prepared, base: base.base.clone(), delta: Some(delta) })
    }

    fn prepare(&self, content: &[u8]) -> io::Result<InstancePre<RunState>> {
        let module = stratagem_flatten::image_module(content).map_err(io::Error::other)?;
        let module = Module::from_binary(self.component.engine(), &module).map_err(io::Error::other)?;
        let mut linker = self.linker.clone();
        linker.root().module(stratagem_flatten::names::MEMORY, &module).map_err(io::Error::other)?;
        linker.instantiate_pre(&self.component).map_err(io::Error::other)
    }

    /// A fresh instance whose memory begins with the image. Waits for a place where all are taken.
    pub(crate) async fn instantiate(&self, image: &Image, store: &mut Store<RunState>) -> wasmtime::Result<Instance> {
        let place = self.places.clone().acquire_owned().await?;
        store.data_mut().place = Some(Place(place));
        image.prepared.instantiate_async(store).await
    }
}

impl Image {
    /// Size of the memory.
    pub(crate) fn len(&self) -> usize {
        self.delta.as_ref().map_or(self.base.len(), Delta::memory_bytes)
    }

    /// What `memory` has that the base has not.
    pub(crate) fn delta_to(&self, memory: &[u8]) -> Delta {
        Delta::between(&self.base, memory)
    }

    /// All of the content, copied.
    pub(crate) fn content(&self) -> Vec<u8> {
        self.delta.as_ref().map_or_else(|| self.base.to_vec(), |delta| delta.over(&self.base))
    }
}
