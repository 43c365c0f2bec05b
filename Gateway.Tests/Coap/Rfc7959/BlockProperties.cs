using System.Net;
using CsCheck;
using Gateway.Coap;
using Microsoft.Extensions.Time.Testing;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc7959;

/// <summary>What must hold for every body, every choice of sizes, and every sequence of blocks.</summary>
internal sealed class BlockProperties
{
    private static readonly Gen<BlockOption> Block =
        Gen.Select(Gen.Int[0, BlockOption.MaxNumber], Gen.Bool, Gen.Int[0, 6], (number, more, exponent) => new BlockOption(number, more, exponent));

    // Small numbers, sizes and resources, so that blocks often fit together.
    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 5], Gen.Bool, Gen.Int[0, 6], Gen.Int[0, 40],
        (peer, kind, number, more, exponent, other) => new Step(peer, kind, new BlockOption(number, more, exponent), other));

    [Test]
    public void Section2_2_A_block_reads_as_it_was_written() => Block.Sample(block =>
        BlockOption.TryRead(block.ToOption(OptionNumber.Block1).Value.Span, out var read) && read == block);

    [Test]
    public Task A_body_goes_to_and_fro_whole_whatever_the_sizes() => Gen.Select(
        Gen.Byte.Array[0, 70_000], Gen.Int[16, 1024], Gen.Int[16, 1024], Gen.Int[0, 6]).SampleAsync(
        async (body, clientSize, serverSize, answerExponent) =>
        {
            var server = new BlockwiseServer(
                new CoapSettings { BlockSize = serverSize, MaxPayloadSize = 70_000 }, TransmissionParameters.Default, new FakeTimeProvider(), Metrics.Unobserved());
            var request = new CoapMessage(CON, POST, default)
            {
                Payload = body,
                Options = [new BlockOption(0, false, answerExponent).ToOption(OptionNumber.Block2)],
            };

            var answer = await RunAsync(server, new BlockwiseExchange(request, clientSize, 70_000));
            Assert.That(answer.Payload.ToArray(), Is.EqualTo(body));
        },
        iter: 100);

    [Test]
    public void No_sequence_of_blocks_throws_or_keeps_more_than_it_may() => Steps.Array[1, 60].Sample(
        steps =>
        {
            var time = new FakeTimeProvider();
            var settings = new CoapSettings { MaxTransfers = 4, MaxTransfersPerPeer = 2, MaxTransferBytes = 8192, MaxPayloadSize = 3000 };
            var transfers = new BlockTransfers(settings, TransmissionParameters.Default, time, Metrics.Unobserved());
            foreach (var step in steps)
            {
                Take(transfers, step, time);
                Assert.That(transfers.Count, Is.LessThanOrEqualTo(4));
                Assert.That(transfers.Bytes, Is.LessThanOrEqualTo(8192));
            }

            time.Advance(TransmissionParameters.Default.ExchangeLifetime);
            Assert.That((transfers.Count, transfers.Bytes), Is.EqualTo((0, 0L)), "all that was charged is given back");
        },
        iter: 2_000);

    [Test]
    public void Threads_that_use_the_same_transfers_leave_nothing_behind() => Steps.Array[200, 400].Sample(
        steps =>
        {
            var time = new FakeTimeProvider();
            var settings = new CoapSettings { MaxTransfers = 4, MaxTransfersPerPeer = 2, MaxTransferBytes = 8192, MaxPayloadSize = 3000 };
            var transfers = new BlockTransfers(settings, TransmissionParameters.Default, time, Metrics.Unobserved());
            Parallel.ForEach(steps, new ParallelOptions { MaxDegreeOfParallelism = 4 }, step => Take(transfers, step, time));
            Assert.That(transfers.Count, Is.LessThanOrEqualTo(4));
            Assert.That(transfers.Bytes, Is.LessThanOrEqualTo(8192));

            time.Advance(TransmissionParameters.Default.ExchangeLifetime);
            Assert.That((transfers.Count, transfers.Bytes), Is.EqualTo((0, 0L)));
        },
        iter: 30, threads: 1);

    private static void Take(BlockTransfers transfers, Step step, FakeTimeProvider time)
    {
        var peer = Peer.From(new IPEndPoint(IPAddress.Loopback, 1000 + step.Peer));
        var key = BlockKey.Of(peer, step.Kind == 0 ? BlockDirection.Upload : BlockDirection.Download, POST, [UintOption.Of(OptionNumber.RequestTag, (uint)step.Other % 3)]);
        time.Advance(TimeSpan.FromSeconds(step.Other));
        switch (step.Kind)
        {
            case 0:
                var taken = transfers.Take(key, step.Block, new byte[step.Block.More ? step.Block.Size : step.Other]);
                if (taken.Upload is { } upload && step.Other % 4 != 0)
                {
                    transfers.Answer(upload, step.Other % 4 == 1 ? null : new CoapResponse(CoapCode.Changed) { Payload = new byte[step.Other] });
                }

                break;
            case 1:
                transfers.Keep(key, new CoapResponse(CoapCode.Content) { Payload = new byte[step.Other * 300] });
                break;
            default:
                transfers.Find(key, step.Block);
                break;
        }
    }

    private static async Task<CoapMessage> RunAsync(BlockwiseServer server, BlockwiseExchange exchange)
    {
        var peer = Peer.From(new IPEndPoint(IPAddress.Loopback, 5683));
        var step = exchange.First;
        while (step.Next is { } request)
        {
            var (asked, blocks) = AsReceived(peer, request with { Options = [.. request.Options.OrderBy(option => option.Number)] });
            var answer = blocks.Any ? await server.AnswerAsync(peer, asked, blocks, Echo)
                : server.Cut(peer, asked, blocks, await Echo(asked.Payload));
            step = exchange.Take(answer.ToMessage(ACK, default, default));
        }

        return step.Answer ?? throw new AssertionException($"{step.Error}");
    }

    private static (CoapRequest Request, RequestedBlocks Blocks) AsReceived(Peer peer, CoapMessage message)
    {
        Assert.That(CoapCodec.TryRead(CoapCodec.Encode(message), out var view, out _));
        var options = RequestOptions.Read(view);
        Assert.That(options.Fault, Is.Null);
        return (new RequestView(peer, view, options, [], TimeProvider.System, new PeerNames()).ToRequest(), options.Blocks);
    }

    private static ValueTask<CoapResponse> Echo(ReadOnlyMemory<byte> body) =>
        ValueTask.FromResult(new CoapResponse(CoapCode.Content) { Payload = body.ToArray() });

    private sealed record Step(int Peer, int Kind, BlockOption Block, int Other);
}
