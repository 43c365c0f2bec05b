using System.Diagnostics;
using System.Text.Json.Nodes;
using Gateway.Tests.Support;

namespace Gateway.Tests.Efento;

/// <summary>
/// Efento's messages as another implementation of protobuf writes and reads them: Debian's protoc and Python's library, on this repository's
/// .proto files. Where they are not installed the test is skipped, except where tests must be whole: in CI it fails.
/// </summary>
internal sealed class OtherEncoder : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _modules = new();
    private readonly Process _process;

    public OtherEncoder()
    {
        Need("protoc is not installed (Debian: apt install protobuf-compiler)", "protoc", "--version");
        Need($"{Python} has no module google.protobuf (Debian: apt install python3-protobuf)", Python, "-c", "import google.protobuf");
        string[] protos = [.. Directory.EnumerateFiles(Repository.PathOf("protos", "efento"), "*.proto")];
        using var protoc = Start("protoc", [$"--proto_path={Repository.PathOf("protos")}", $"--python_out={_modules.Path}", .. protos]);
        Assert.That(protoc.WaitForExit(Patience) && protoc.ExitCode == 0, protoc.StandardError.ReadToEnd());
        _process = Start(Python, [Repository.PathOf("Gateway.Tests", "Efento", "encoder.py"), _modules.Path]);
    }

    /// <summary>What bytes say, and the same encoded anew.</summary>
    public Task<(JsonNode Fields, byte[] Bytes)> DecodeAsync(string type, byte[] bytes) => AskAsync(new JsonObject { ["type"] = type, ["hex"] = Convert.ToHexStringLower(bytes) });

    /// <summary>What fields are as bytes.</summary>
    public Task<(JsonNode Fields, byte[] Bytes)> EncodeAsync(string type, JsonNode fields) => AskAsync(new JsonObject { ["type"] = type, ["json"] = fields.DeepClone() });

    /// <summary>A message in which every field is set.</summary>
    public Task<(JsonNode Fields, byte[] Bytes)> FillAsync(string type, int seed) => AskAsync(new JsonObject { ["type"] = type, ["fill"] = seed });

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
        _modules.Dispose();
    }

    private static void Need(string reason, string program, params string[] arguments)
    {
        if (Runs(program, arguments))
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
    }

    private static bool Runs(string program, string[] arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            return process.WaitForExit(Patience) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private async Task<(JsonNode Fields, byte[] Bytes)> AskAsync(JsonObject request)
    {
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        var answer = JsonNode.Parse(line ?? throw new AssertionException(await _process.StandardError.ReadToEndAsync()))!;
        return (answer["json"]!, Convert.FromHexString(answer["hex"]!.GetValue<string>()));
    }
}
