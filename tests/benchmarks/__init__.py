"""What xswitch costs, beside a bare start of Python and beside its neighbours, measured on this machine.

    cd tests && python -m benchmarks

Any Python 3.11 or newer on Linux will do: what is measured is installed into environments of its own.
Every figure is a ratio of two things that ran in turn, for times say more of a machine than of a program.
"""
