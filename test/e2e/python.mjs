// The Python environment of the end-to-end tests: Synapse and matrix-nio.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** What it is made from; requirements.txt pins every package by checksum. */
export const pythonFolder = path.join(import.meta.dirname, 'tools/python')
export const environment = path.join(pythonFolder, '.venv')

/** The Python that has Synapse and matrix-nio. */
export const python = path.join(environment, 'bin/python')

const named = ['python3.11', 'python3.12', 'python3.13', 'python3']
const usable = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 1)'

/** A Python on this machine that can make the environment, or undefined. */
export const findPython = () =>
  [process.env['TEST_PYTHON'], ...named].find(
    (file) => file !== undefined && file !== '' && spawnSync(file, ['-c', usable]).status === 0,
  )
