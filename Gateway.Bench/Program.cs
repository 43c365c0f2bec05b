using BenchmarkDotNet.Running;
using Gateway.Bench;

BenchmarkSwitcher.FromAssembly(typeof(ParseBenchmark).Assembly).Run(args);
