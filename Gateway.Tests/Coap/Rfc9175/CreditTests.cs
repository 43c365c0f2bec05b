using Gateway.Coap;
using static Gateway.Tests.Coap.Codes;

namespace Gateway.Tests.Coap.Rfc9175;

/// <summary>
/// Answers that can't be put off until their peer has echoed: what has come from an address may be answered three times over, whenever, and
/// not a byte more.
/// </summary>
internal sealed class CreditTests : EchoTest
{
    private const int Factor = 3;

    [Test]
    public void What_an_address_has_sent_can_be_spent_later()
    {
        var before = Allowed();
        for (var i = 0; i < 10; i++)
        {
            Pay();
        }

        var saved = Allowed();
        Bench.Answer = Kept(600);

        Assert.That(saved, Is.InRange(before + 1000, before + 3000));
        Assert.That(Bench.Ask(Small()).Code, Is.EqualTo(CoapCode.Content));
        Assert.That(Allowed(), Is.LessThan(saved - 300));
        Assert.That(Bench.Ask(Bench.Request(POST) with { Payload = new byte[40] }, EchoBench.PeerAt("192.0.2.1:50000")).Code, Is.EqualTo(CoapCode.Content), "another port of the same NAT");
    }

    [Test]
    public void No_address_gets_more_than_its_part_however_it_asks()
    {
        var (came, went) = (0, 0);
        Bench.Answering = request => Kept(Bench.Asked % 5 == 0 ? Math.Min(1024, request.Allowance!.Value.Payload) : 0);
        for (var i = 0; i < 300; i++)
        {
            // Each is sent again and again, as somebody would who forges addresses.
            var request = Small();
            for (var copy = 0; copy < 6; copy++)
            {
                came += CoapCodec.Encode(request).Length;
                went += Bench.Send(request).Sum(answer => CoapCodec.Encode(answer).Length);
                Assert.That(went, Is.LessThanOrEqualTo(Factor * came), $"after request {i}");
            }
        }
    }

    [Test]
    public void A_duplicate_of_what_was_large_is_paid_for_again()
    {
        for (var i = 0; i < 5; i++)
        {
            Pay();
        }

        Bench.Answer = Kept(700);
        var request = Small();
        var first = Bench.Send(request).Count;
        var again = Bench.Send(request).Count;

        Assert.That((first, again), Is.EqualTo((1, 0)), "the second would be more than has been paid for");
    }

    [Test]
    public void Who_has_echoed_pays_nothing()
    {
        Bench.Verify();
        Bench.Answer = Kept(1000);
        var request = Small();

        Assert.That((Bench.Ask(request).Code, Bench.Send(request).Count, Allowed()), Is.EqualTo((CoapCode.Content, 1, int.MaxValue)));
    }

    [Test]
    public void Where_blocks_are_spoken_of_small_ones_need_no_credit()
    {
        Bench.Answer = Kept(600);
        var answer = Bench.Ask(Bench.Request(POST, "m", new CoapOption(OptionNumber.Size2, default)));

        Assert.That((answer.Code, answer.Payload.Length), Is.EqualTo((CoapCode.Content, 64)));
    }

    private static CoapResponse Kept(int length) => EchoBench.Of(length) with { KeepsToAllowance = true };

    private CoapMessage Small() => Bench.Request(POST) with { Payload = new byte[40] };

    private void Pay()
    {
        Bench.Answer = Kept(0);
        Bench.Ask(Bench.Request(POST) with { Payload = new byte[60] });
    }

    // As the resource sees it while it is asked.
    private int Allowed()
    {
        var allowed = 0;
        Bench.Answering = request =>
        {
            allowed = request.Allowance!.Value.Payload;
            return Kept(0);
        };
        Bench.Ask(Small());
        Bench.Answering = null;
        return allowed;
    }
}
