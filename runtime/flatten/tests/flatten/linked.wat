;; A component in the shape that componentize-py gives one: a shim that calls imports through a table, libraries that share a
;; memory, a table and globals, and a fix-up that fills the shim's table in the end.
(component
  (import "say" (func $say (param "text" string)))
  ;; <component>
  (core module $shim
    (type $lowered (func (param i32 i32)))
    (table (export "$imports") 1 1 funcref)
    (func (export "0") (type $lowered)
      (call_indirect (type $lowered) (local.get 0) (local.get 1) (i32.const 0)))
  )
  (core module $libc
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global (export "stack") (mut i32) (i32.const 1024))
    (global (export "memory_base") i32 (i32.const 2048))
    (global (export "table_base") i32 (i32.const 1))
    (global $heap (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $heap)
      (global.set $heap (i32.add (global.get $heap) (local.get 3))))
    ;; <libc>
  )
  (core module $app
    (import "env" "memory" (memory 1))
    (import "env" "table" (table $table 4 funcref))
    (import "env" "stack" (global $stack (mut i32)))
    (import "env" "memory_base" (global $memory_base i32))
    (import "env" "table_base" (global $table_base i32))
    (import "host" "say" (func $say (param i32 i32)))
    ;; Written by nothing that runs.
    (global $length (mut i32) (i32.const 5))
    (func $answer (result i32) (i32.const 42))
    (func $dead (global.set $length (i32.const 6)))
    (func (export "run") (result i32)
      (global.set $stack (i32.sub (global.get $stack) (i32.const 16)))
      (call $say (global.get $memory_base) (global.get $length))
      (call_indirect (result i32) (i32.add (global.get $table_base) (i32.const 1))))
    (elem (global.get $table_base) func $answer $answer)
    (data (global.get $memory_base) "hello")
    ;; <app>
  )
  (core module $fix-up
    (import "" "$imports" (table 1 1 funcref))
    (import "" "0" (func (param i32 i32)))
    ;; <fix-up>
    (elem (i32.const 0) func 0)
  )
  (core instance $shim (instantiate $shim))
  (core instance $libc (instantiate $libc))
  (core instance $app (instantiate $app
    (with "env" (instance $libc))
    (with "host" (instance (export "say" (func $shim "0"))))))
  (core func $say (canon lower (func $say) (memory $libc "memory")))
  (core instance (instantiate $fix-up
    (with "" (instance
      (export "$imports" (table $shim "$imports"))
      (export "0" (func $say))
      (export "stack" (global $libc "stack"))))))
  (func (export "run") (result u32)
    (canon lift (core func $app "run") (memory $libc "memory") (realloc (func $libc "realloc")) (;options;)))
)
