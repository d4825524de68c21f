/** Words of Uzbek life that learners write in English texts and that no English dictionary has. Apostrophes are '. */
export const UZBEK_WORDS: readonly string[] = [
  // cities, regions, places
  ..."Toshkent Tashkent Samarqand Samarkand Buxoro Bukhara Xiva Khiva Andijon Andijan Namangan Farg'ona Fergana".split(
    " ",
  ),
  ..."Qo'qon Kokand Qarshi Karshi Termiz Termez Jizzax Jizzakh Guliston Sirdaryo Syrdarya Navoiy Navoi Nukus".split(
    " ",
  ),
  ..."Urganch Urgench Xorazm Khorezm Qashqadaryo Kashkadarya Surxondaryo Surkhandarya Qoraqalpog'iston".split(" "),
  ..."Karakalpakstan Shahrisabz Marg'ilon Margilan Chirchiq Chirchik Angren Olmaliq Almalyk Zarafshon Zomin Zaamin".split(
    " ",
  ),
  ..."Chimyon Chimgan Chorvoq Charvak Amudaryo Amudarya Orol Registon Registan Ichan-Qal'a Chorsu Yunusobod".split(" "),
  ..."Chilonzor Sergeli Mirzo-Ulug'bek O'zbekiston Uzbekiston Ulugbek Sirdarya Chust Rishton Boysun Asaka".split(" "),
  // people and history
  ..."Alisher Amir Temur Timur Ulug'bek Bobur Babur Beruniy Beruni Xorazmiy Avitsenna Jaloliddin Mirzo Islom".split(
    " ",
  ),
  ..."Dilnoza Nilufar Gulnora Malika Zilola Kamola Feruza Madina Shahzoda Sevara Barno Nigora Zarina Munisa".split(" "),
  ..."Aziz Azizbek Jasur Sardor Bekzod Botir Otabek Ulugbek Sherzod Jahongir Javohir Doniyor Rustam Sanjar".split(" "),
  ..."Shavkat Mirziyoyev Karimov Qodiriy Abdulla Cho'lpon Zulfiya Umid Dilshod Oybek Murod Nodira Lola Gulchehra".split(
    " ",
  ),
  // food
  ..."plov palov osh somsa samsa manti lag'mon lagman shashlik sho'rva shurpa mastava norin naryn chuchvara".split(" "),
  ..."sumalak sumalyak halim non patir qatlama katlama qazi kazi kazy kurt qurt navvot novvot halva holva nishalda".split(
    " ",
  ),
  ..."ayron qatiq katyk kaymak qaymoq do'lma achichuk achiq-chuchuk tandir tandoor choy ko'kchoy dimlama moshxo'rda".split(
    " ",
  ),
  // holidays and customs
  ..."Navro'z Navruz Nowruz Navruz Hayit Ramazon Ramazan Qurbon Kurban Iftor Iftar Mustaqillik to'y tuy kelin kuyov".split(
    " ",
  ),
  ..."hashar khashar kupkari ko'pkari kurash maqom makom lazgi doira dutor dutar rubob tanbur karnay surnay sunnat".split(
    " ",
  ),
  // daily life
  ..."mahalla choyxona choyhona chaikhana chaykhana bozor so'm soum sum tiyin do'ppi doppi duppi tubeteika chopon".split(
    " ",
  ),
  ..."atlas adras ikat suzani hovli hovuz madrasa madrassah minora maqbara aka uka opa singil ustoz oqsoqol domla".split(
    " ",
  ),
  ..."hokim hokimiyat viloyat tuman kolxoz litsey dutor beshik paranja tandoori damas Matiz Nexia Spark Cobalt".split(
    " ",
  ),
];
