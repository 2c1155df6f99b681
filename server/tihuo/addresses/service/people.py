"""Telling a receiver's name from words of an address."""

import re

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐"
    "费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝"
    "董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪解应宗丁宣邓郁单杭洪包诸左石崔吉"
    "龚程邢裴陆荣翁荀羊甄曲封储靳段焦巴牧谷车侯全班秋仲宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶黎薄印白蒲从鄂索赖卓蔺屠蒙池乔阴胥"
    "苍闻莘党翟谭贡劳姬申扶堵冉宰雍桑桂牛寿通边扈燕冀尚农温别庄晏柴瞿阎慕连茹习艾容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄"
    "欧沃利蔚越隆师巩聂晁勾敖融冷辛阚那简饶空曾沙养鞠丰关相查后荆红游权盖益桓公闫肖付代涂岳帅亓仝佟兰冼覃揭撒原仵逯"
)
_COMPOUND = re.compile("欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|呼延|南宫")
_TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|老师|同学|经理|主任|医生|师傅|阿姨|叔叔|奶奶|爷爷|妈妈|爸爸|老板|店长|律师|同志|[总哥姐嫂])$"
)
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_NAME = re.compile(rf"[{_HAN}]+(?:[·•.][{_HAN}]+){{0,5}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'·-]*(?: [A-Za-z][A-Za-z.'·-]*){0,3}")
_STREET_END = re.compile(
    "(?:[省市区县旗镇乡村屯组路街道巷弄里号栋幢楼层室座门院苑园城府庄湾厦场铺店站厂馆所局处部校库坊港岛桥塘坡坪岗柜家]"
    "|公司|中心|国际|驿站|菜鸟|丰巢|公寓|豪庭|华庭|名邸|物业|前台|门卫)$"
)
_STREET_WORD = re.compile(
    "小区|花园|大厦|广场|公寓|街道|大道|工业|科技|开发|公司|集团|学校|大学|中学|小学|医院|银行|酒店|超市|市场"
    "|代收|自提|快递|丰巢|菜鸟|新村|家园|国际|中心|单元|宿舍"
)
_RECEIVED = re.compile(r"(?:\(?(?:收|亲收|收件|收货)\)?)$")
_IN_BRACKETS = re.compile(rf"\(([{_HAN}]{{2,8}}?)(?:亲?收)?\)$")
# A name right behind the number of a house or a bracket: …1号楼302室王小明.
_BEHIND_STREET = re.compile(rf"(?<=[0-9)号室栋楼座层户院店元])(?![号室栋楼座层户院店元])[{_HAN}]{{2,4}}$")


def bare(text: str) -> str:
    """A name without what stands behind it on a parcel: 张三（收） is 张三."""
    name = _RECEIVED.sub("", text).strip(" ,.:;-/()[]")
    return name if len(name) > 1 else text.strip(" ,.:;-/()[]")


def titled(name: str) -> bool:
    """Whether a name ends with 先生, 女士 …"""
    return _TITLE.search(name) is not None


def likeness(text: str) -> int:
    """How much a text by itself looks like a receiver's name; 0 or less for no name at all."""
    name = bare(text)
    if not 2 <= len(name) <= 32 or any(letter.isdigit() for letter in name):
        return 0
    if _LATIN.fullmatch(name):
        return 3
    if not _NAME.fullmatch(name):
        return 1 if len(name) <= 8 and any(letter.isalpha() for letter in name) else 0
    points = 5 if titled(name) else 0
    if re.search("[·•.]", name):
        return points + 6
    if len(name) > 8:
        return 0
    points += 3 if len(name) <= 4 else 1
    points += 1 if len(name) <= 3 else 0
    points += 3 if _has_surname(name) else 0
    points -= 5 if _STREET_END.search(name) and not titled(name) else 0
    points -= 4 if _STREET_WORD.search(name) else 0
    return points


def behind_street(text: str) -> tuple[str, str]:
    """A street and the name that is written right behind its last number or bracket, or in brackets; "" for no name."""
    for pattern in (_IN_BRACKETS, _BEHIND_STREET):
        match = pattern.search(text)
        name = match[match.lastindex or 0] if match else ""
        if match and _has_surname(name) and likeness(name) >= 6:
            return text[: match.start()], name
    return text, ""


def _has_surname(name: str) -> bool:
    return name[0] in _SURNAMES or _COMPOUND.match(name) is not None
