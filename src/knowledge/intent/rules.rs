//! The reviewed phrases: what they mean, how sure each is alone, and the wordings between `|`.
//! A phrase without an intent only takes its words, so that a shorter one does not.

use consultant_core::Intent;

type Rule = (Option<Intent>, f64, &'static str);

/// English and Chinese in one table: the words themselves keep the languages apart.
pub(super) const RULES: &[Rule] = &[
    (
        Some(Intent::Person),
        0.95,
        "real person|real human|a manager|speak with a manager|speak to a manager|talk to a manager|talk to your manager|speak to your manager|human agent|live agent|talk to a human|speak to a human|talk to a person|speak to a person|talk to someone|speak to someone|speak with someone|talk with someone|talk to a real person|speak with a person|talk to an agent|human please|sales rep|sales representative|customer service|your manager|a human|call me|call me back|人工|真人|人工客服|转人工|找客服|客服|经理|人工服务|打电话给我|跟人聊",
    ),
    (
        Some(Intent::Person),
        0.8,
        "human|agent|representative|operator|staff member",
    ),
    (
        Some(Intent::Complaint),
        0.92,
        "broken|damaged|defective|faulty|not working|doesnt work|does not work|stopped working|complaint|complain|unacceptable|terrible|awful|wrong item|wrong product|never arrived|did not arrive|didnt arrive|hasnt arrived|has not arrived|still waiting|rip off|scam|disappointed|missing parts|missing part|投诉|坏了|坏的|破损|损坏|质量差|质量问题|发错|没收到|还没到|太差|骗子|失望|少了零件|缺少零件",
    ),
    (
        Some(Intent::AfterSales),
        0.88,
        "return policy|return it|return my|return the|send it back|send back|refund|refunds|money back|warranty|guarantee|repair|exchange|cancel my order|cancel the order|cancel an order|spare parts|returns|return|退货|退款|退换|换货|保修|质保|维修|修理|售后|取消订单|能退|可以退|退吗",
    ),
    (
        Some(Intent::Delivery),
        0.88,
        "delivery|deliver|shipping|ship to|ship|shipment|dispatch|how long does it take|when will it arrive|when does it arrive|track my|tracking|where is my order|order status|lead time|送货|配送|快递|发货|物流|运费|多久能到|多久到|几天到|什么时候到|送到|包邮|寄到|送上门|到货时间",
    ),
    (
        Some(Intent::Discount),
        0.9,
        "discount|discounts|special offer|special offers|coupon|voucher|promo|promotion|promo code|on sale|cheaper|bulk price|volume price|better price|best price|rebate|优惠|折扣|打折|便宜点|便宜一点|促销|活动价|优惠券|批发价|团购|再便宜",
    ),
    (
        Some(Intent::Stock),
        0.9,
        "in stock|out of stock|available|availability|any left|do you have any left|how many do you have|how many are left|how many left|stock|sold out|back in stock|有货|现货|库存|还有吗|有没有货|缺货|断货|还剩|什么时候有货",
    ),
    // "How many watts" asks something else.
    (Some(Intent::Stock), 0.4, "how many"),
    (
        Some(Intent::Price),
        0.92,
        "how much is|how much are|how much does|how much do|how much would|how much for|how much|price of|price for|whats the price|what is the price|price|prices|cost|costs|pricing|how expensive|多少钱|价格|价钱|怎么卖|什么价|几块钱|多少欧|售价|报价|贵吗|单价",
    ),
    (
        Some(Intent::Order),
        0.9,
        "i want to buy|want to buy|would like to buy|id like to buy|i would like to order|id like to order|want to order|like to order|place an order|ill take|i will take|i take|ill buy|buy now|order now|buy it|purchase|checkout|check out|add to cart|我想买|我要买|想买|我要订|下单|购买|订购|我要了|买一|买两|就要这个|就买这个|怎么买|我想订|来一|来两",
    ),
    (
        Some(Intent::Order),
        0.6,
        "buy|to order|i want|i need|i would like|id like|我要|我想要|我需要",
    ),
    (
        Some(Intent::Features),
        0.85,
        "tell me about|tell me more|more about|more information|information about|info about|describe|details|what is|dimensions|dimension|how big|how tall|how wide|how heavy|how high|how bright|what size|what sizes|what colours|what colors|which colours|which colors|material|made of|weight|features|specs|specifications|does it have|is it adjustable|介绍一下|介绍|详细|参数|尺寸|多大|多高|多重|多宽|材质|材料|什么颜色|哪些颜色|功能|特点|规格|什么做的",
    ),
    (
        Some(Intent::Browse),
        0.84,
        "what do you sell|what do you have|what do you offer|what products|which products|your products|show me|your range|your catalogue|your catalog|catalogue|catalog|do you have|do you sell|have you got|looking for|i am looking for|im looking for|what kind of|what kinds of|recommend|recommendation|suggest|browse|options|你们卖什么|请问有|你们有|有卖|卖什么|有什么|有哪些|有没有|产品目录|产品|商品|推荐|看看|看一下|找一|想找|卖不卖|什么款",
    ),
    (
        Some(Intent::Greet),
        0.95,
        "hi|hello|hey|hiya|good morning|good afternoon|good evening|good day|greetings|hi there|hello there|你好|您好|嗨|哈喽|早上好|下午好|晚上好|在吗|你们好",
    ),
    (
        Some(Intent::Goodbye),
        0.96,
        "bye|goodbye|bye bye|good bye|see you|see you later|good night|farewell|have a nice day|再见|拜拜|晚安|回头见|下次再聊",
    ),
    (
        Some(Intent::Thanks),
        0.93,
        "thanks|thank you|thank you very much|thanks a lot|many thanks|thx|cheers|much appreciated|谢谢|多谢|感谢|谢了|谢谢你|谢谢您|太感谢了",
    ),
    (
        Some(Intent::Yes),
        0.95,
        "yes|yes please|yeah|yep|yup|sure|of course|ok|okay|alright|sounds good|that works|correct|exactly|definitely|absolutely|go ahead|please do|好的|好啊|好吧|是的|可以|行的|没错|对的|嗯|嗯嗯|当然|没问题|可以的|好呀",
    ),
    (
        Some(Intent::Yes),
        0.7,
        "no problem|no worries|why not|no doubt|对|好|行|是",
    ),
    (
        Some(Intent::No),
        0.95,
        "no|nope|nah|dont want to buy|do not want to buy|dont want to order|do not want to order|dont want it|dont need it|dont need|no thanks|no thank you|not really|not now|not yes|not interested|i dont think so|dont want|do not want|never mind|nevermind|no way|不|不用|不用了|不是|不要|不需要|不行|没有|算了|不了|不想|不对|不感兴趣|不想要|不想买|我不想买|我不要",
    ),
    (
        None,
        0.0,
        "not sure|not only|have no|has no|there is no|are you human|are you a human|are you a real person|are you a real human|你是真人|是不是真人|你是人工|no one|no idea|i know|是不是|能不能|会不会|可不可以|对不对|好不好|不知道|不好意思|行不行|多好|好看|好用|不错|对了|不过|要不要|of course not|现在|在吗你们|不同|不锈钢|很好|最好|爱好|正好|还是|但是|要是|只是|就是|还行|银行|自行|对于|对比",
    ),
];
